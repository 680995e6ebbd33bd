import type { ReconcileCall } from '../wire/index.ts';

/** A task that Mesos is asked about. */
export interface TaskInQuestion {
  readonly mesosTaskId: string;
  /** Without it an unreachable task is answered as unknown, and some masters don't answer at all. */
  readonly agentId?: string;
}

export interface ReconcileTimes {
  /** The first wait for answers; doubled after each. Default 4,000. */
  readonly firstWaitMs?: number;
  /** Default 30,000. */
  readonly longestWaitMs?: number;
  /** From one run's end to the next one's begin. Default 600,000. */
  readonly periodMs?: number;
  /** How many tasks one call asks about. Default 1,000. */
  readonly chunk?: number;
}

type Entry = ReconcileCall['reconcile']['tasks'][number];

interface Run {
  readonly number: number;
  readonly boundMs: number;
  /** By Mesos task id, those with an agent's id first. */
  readonly open: Map<string, Entry>;
  nextAskMs: number;
  waitMs: number;
}

function entryOf({ mesosTaskId, agentId }: TaskInQuestion): Entry {
  return { task_id: { value: mesosTaskId }, ...(agentId !== undefined && { agent_id: { value: agentId } }) };
}

/**
 * Asks a master about tasks until each is answered, then for all that it knows.
 *
 *     const plan = new ReconcilePlan();
 *     plan.begin({ tasks, nowMs, boundMs: 600_000 });
 *     for (const call of plan.due(nowMs)) send(call);           // at `plan.nextDeadlineMs`, and after each update
 *     plan.answered(update.status.task_id.value);
 *     plan.result                                               // once it is over: { run, silent }
 *
 * A run asks for its tasks by name, in chunks, and again for those that stay open with growing waits: a master that
 * was started a short while ago is silent about tasks of agents that have not come back. When all are answered, or
 * the bound is reached, one call without tasks finds what the master knows and nobody here asked about: tasks that
 * come now and belong to nobody are orphans. Mesos marks no end of those answers, so the run is over with the call.
 */
export class ReconcilePlan {
  readonly #times: Required<ReconcileTimes>;
  #runs = 0;
  #run: Run | undefined;
  #result: { readonly run: number; readonly silent: readonly string[] } | undefined;
  #nextPeriodMs: number | undefined;

  constructor(times: ReconcileTimes = {}) {
    const { firstWaitMs = 4_000, longestWaitMs = 30_000, periodMs = 600_000, chunk = 1_000 } = times;
    this.#times = { firstWaitMs, longestWaitMs, periodMs, chunk };
  }

  /** Begins a run, which ends an older one without a result. Its calls come with the next `due`. Returns its number. */
  begin(input: {
    readonly tasks: Iterable<TaskInQuestion>;
    readonly nowMs: number;
    readonly boundMs?: number;
  }): number {
    const { tasks, nowMs, boundMs = 600_000 } = input;
    const named: [string, Entry][] = [];
    const homeless: [string, Entry][] = [];
    for (const task of tasks) {
      (task.agentId === undefined ? homeless : named).push([task.mesosTaskId, entryOf(task)]);
    }
    const open = new Map([...named, ...homeless]);
    this.#runs += 1;
    this.#run = {
      number: this.#runs,
      boundMs: nowMs + boundMs,
      open,
      nextAskMs: nowMs,
      waitMs: this.#times.firstWaitMs,
    };
    this.#result = undefined;
    this.#nextPeriodMs = undefined;
    return this.#runs;
  }

  /** The subscription is lost or the framework closes: nothing is asked until the next `begin`. */
  cancel(): void {
    this.#run = undefined;
    this.#nextPeriodMs = undefined;
  }

  /** Anything that Mesos says of a task answers the question, save what must be asked again. */
  answered(mesosTaskId: string): void {
    this.#run?.open.delete(mesosTaskId);
  }

  /** The calls to send now, in this order. */
  due(nowMs: number): readonly ReconcileCall[] {
    const run = this.#run;
    if (!run) return [];
    if (run.open.size === 0 || nowMs >= run.boundMs) return this.#finish(run, nowMs);
    if (nowMs < run.nextAskMs) return [];
    run.nextAskMs = Math.min(nowMs + run.waitMs, run.boundMs);
    run.waitMs = Math.min(run.waitMs * 2, this.#times.longestWaitMs);
    return this.#chunks(run);
  }

  /** A period has passed since the last run: time to begin another with the tasks of now. */
  isPeriodDue(nowMs: number): boolean {
    return this.#nextPeriodMs !== undefined && nowMs >= this.#nextPeriodMs;
  }

  /** When `due` has something to say again, or a new period begins; a time past means at once. */
  get nextDeadlineMs(): number | undefined {
    if (!this.#run) return this.#nextPeriodMs;
    return this.#run.open.size === 0 ? -Infinity : this.#run.nextAskMs;
  }

  /** Is a run under way? */
  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** How the last run came out: which tasks Mesos was silent about until the bound. Undefined while one is under way. */
  get result(): { readonly run: number; readonly silent: readonly string[] } | undefined {
    return this.#result;
  }

  #chunks({ open }: Run): readonly ReconcileCall[] {
    const calls: ReconcileCall[] = [];
    let tasks: Entry[] = [];
    for (const entry of open.values()) {
      tasks.push(entry);
      if (tasks.length < this.#times.chunk) continue;
      calls.push({ type: 'RECONCILE', reconcile: { tasks } });
      tasks = [];
    }
    if (tasks.length > 0) calls.push({ type: 'RECONCILE', reconcile: { tasks } });
    return calls;
  }

  #finish(run: Run, nowMs: number): readonly ReconcileCall[] {
    this.#run = undefined;
    this.#result = { run: run.number, silent: [...run.open.keys()] };
    this.#nextPeriodMs = nowMs + this.#times.periodMs;
    return [{ type: 'RECONCILE', reconcile: { tasks: [] } }];
  }
}
