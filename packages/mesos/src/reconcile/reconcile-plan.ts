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

/** Unanswered questions at a time, in chunks: neither side has to hold a hundred thousand of them. */
const WINDOW_CHUNKS = 10;
/** A master that is silent about some tasks is asked about further ones after this. */
const SILENCE_MS = 1000;

interface Run {
  readonly number: number;
  readonly boundMs: number;
  /** Agents' ids by Mesos task id, those that have one first. */
  readonly open: Map<string, string | undefined>;
  /** What this pass has not asked about yet. */
  unasked: Iterator<[string, string | undefined]> | undefined;
  /** Questions of this pass that are not answered, about: what is told unasked counts, too. */
  awaited: number;
  /** When to ask about the next ones, or again about all that are open. */
  nextAskMs: number;
  waitMs: number;
}

function entryOf(mesosTaskId: string, agentId: string | undefined): Entry {
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
 * A run asks for its tasks by name, in chunks, the later ones when the former are answered; and again for those that
 * stay open with growing waits: a master that was started a short while ago is silent about tasks of agents that have
 * not come back. When all are answered, or the bound is reached, one call without tasks finds what the master knows and
 * nobody here asked about: tasks that come now and belong to nobody are orphans. Mesos marks no end of those answers, so
 * the run is over with the call.
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
    const open = new Map<string, string | undefined>();
    const homeless: string[] = [];
    for (const { mesosTaskId, agentId } of tasks) {
      if (agentId === undefined) homeless.push(mesosTaskId);
      else open.set(mesosTaskId, agentId);
    }
    for (const mesosTaskId of homeless) open.set(mesosTaskId, undefined);
    this.#runs += 1;
    this.#run = {
      number: this.#runs,
      boundMs: nowMs + boundMs,
      open,
      unasked: undefined,
      awaited: 0,
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
    const run = this.#run;
    if (run?.open.delete(mesosTaskId) && run.awaited > 0) run.awaited -= 1;
  }

  /** The calls to send now, in this order. */
  due(nowMs: number): readonly ReconcileCall[] {
    const run = this.#run;
    if (!run) return [];
    if (run.open.size === 0 || nowMs >= run.boundMs) return this.#finish(run, nowMs);
    if (nowMs < run.nextAskMs && !this.#hasRoom(run)) return [];
    if (!run.unasked) {
      run.unasked = run.open.entries();
      run.awaited = 0;
    }
    const calls = this.#ask(run, run.unasked);
    run.nextAskMs = Math.min(nowMs + SILENCE_MS, run.boundMs);
    if (run.unasked) return calls;
    run.nextAskMs = Math.min(nowMs + run.waitMs, run.boundMs);
    run.waitMs = Math.min(run.waitMs * 2, this.#times.longestWaitMs);
    return calls;
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

  /** Most of what was asked is answered, and there is more to ask. */
  #hasRoom({ unasked, awaited }: Run): boolean {
    return unasked !== undefined && awaited <= (this.#times.chunk * WINDOW_CHUNKS) / 2;
  }

  #ask(run: Run, unasked: Iterator<[string, string | undefined]>): readonly ReconcileCall[] {
    const { chunk } = this.#times;
    const calls: ReconcileCall[] = [];
    while (run.unasked && calls.length < WINDOW_CHUNKS) {
      const tasks: Entry[] = [];
      while (tasks.length < chunk) {
        const { done, value } = unasked.next();
        if (done) {
          run.unasked = undefined;
          break;
        }
        tasks.push(entryOf(...value));
      }
      run.awaited += tasks.length;
      if (tasks.length > 0) calls.push({ type: 'RECONCILE', reconcile: { tasks } });
    }
    return calls;
  }

  #finish(run: Run, nowMs: number): readonly ReconcileCall[] {
    this.#run = undefined;
    this.#result = { run: run.number, silent: [...run.open.keys()] };
    this.#nextPeriodMs = nowMs + this.#times.periodMs;
    return [{ type: 'RECONCILE', reconcile: { tasks: [] } }];
  }
}
