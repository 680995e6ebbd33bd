import type { Clock, MapChanged, ReplicatedMap, Timer } from '@vibrissa/cluster';
import {
  failureOf,
  type MesosError,
  type MesosScheduler,
  type TaskHandle,
  type TaskRecord,
  type TaskUpdate,
  type WireTaskStatus,
} from '@vibrissa/mesos';

import { recordOf, wishOf } from '../shared/entries.ts';
import { idOf, prefixes } from '../shared/keys.ts';
import type { Wish } from '../shared/wish.ts';
import type { OutcomeDraft, OutcomeWriter } from './outcome-writer.ts';

/** From a launch that could not be stored to the next attempt. */
const STORE_AGAIN_MS = 1000;

/** This scheduler's own end says nothing of the task. */
const passing: ReadonlySet<string> = new Set(['NOT_LEADER', 'CLOSED', 'FRAMEWORK_REMOVED']);

export interface WishKeeperDeps {
  readonly map: ReplicatedMap;
  readonly scheduler: MesosScheduler;
  readonly outcomes: OutcomeWriter;
  readonly clock: Clock;
  /** That every task bears which this leader launches. */
  readonly labels: (taskId: string) => Readonly<Record<string, string>>;
  /** Records of tasks that nobody wants. */
  readonly onStray: (ids: readonly string[]) => void;
}

/**
 * Makes it so that what is wanted runs: submits what is wanted and was not launched, deletes what is wanted no more, and
 * writes how it came out. The map alone says what is wanted; what is kept here is only what is under way.
 */
export class WishKeeper {
  readonly #deps: WishKeeperDeps;
  /** Wishes whose tasks are followed, by task id: their tickets. */
  readonly #followed = new Map<string, string>();
  readonly #deleting = new Set<string>();
  readonly #stops: (() => void)[] = [];
  readonly #timers = new Set<Timer>();

  constructor(deps: WishKeeperDeps) {
    this.#deps = deps;
  }

  /** The map must be as new as the beginning of this leader's term. */
  start(): void {
    const { map } = this.#deps;
    for (const prefix of [prefixes.wanted, prefixes.task]) {
      this.#stops.push(map.watch(prefix, (changed) => this.#look(this.#idsOf(changed))));
    }
    this.#look(this.#all());
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /**
   * Mesos has told the end of a task: resolves when its outcome stands, so that the acknowledgement, which makes Mesos
   * forget it, comes after that.
   */
  async onEnd(update: TaskUpdate): Promise<void> {
    const { taskId, status, record } = update;
    const ended = { kind: 'ended', status, record } as const;
    const failure = { kind: 'ended-early', status } as const;
    await this.#deps.outcomes.settle(taskId, record.ran ? ended : { kind: 'failed', failure });
  }

  #all(): Iterable<string> {
    const { map } = this.#deps;
    const wishes = [...map.entries(prefixes.wanted)].map(([key, { value }]) => ({
      id: idOf(key),
      at: (value as unknown as Wish).at,
    }));
    // In the order in which they were asked for.
    const wanted = wishes.toSorted((one, other) => one.at - other.at).map(({ id }) => id);
    return new Set([...wanted, ...[...map.entries(prefixes.task).keys()].map(idOf)]);
  }

  #idsOf({ reset, values, removed }: MapChanged): Iterable<string> {
    return reset ? this.#all() : new Set([...values.keys(), ...removed].map(idOf));
  }

  #look(ids: Iterable<string>): void {
    const { map } = this.#deps;
    const strays: string[] = [];
    const fresh: { readonly id: string; readonly wish: Wish }[] = [];
    for (const id of ids) {
      const wish = wishOf(map, id).value;
      if (!wish) {
        this.#followed.delete(id);
        if (this.#isStray(id)) strays.push(id);
      } else if (wish.unwanted) this.#delete(id, wish);
      else if (this.#followed.get(id) !== wish.ticket) this.#begin(id, wish, fresh);
    }
    if (fresh.length > 0) this.#submit(fresh);
    if (strays.length > 0) this.#deps.onStray(strays);
  }

  #begin(id: string, wish: Wish, fresh: { readonly id: string; readonly wish: Wish }[]): void {
    const running = this.#deps.scheduler.task(id);
    if (running) return this.#follow(running, wish.ticket);
    if (wish.spec) {
      fresh.push({ id, wish });
      return;
    }
    const reason = 'it was found in Mesos, and no record of it is left';
    this.#settle(id, { kind: 'failed', failure: { kind: 'lost', state: 'TASK_UNKNOWN', reason } });
  }

  #submit(fresh: readonly { readonly id: string; readonly wish: Wish }[]): void {
    const { scheduler, labels } = this.#deps;
    const specs = fresh.flatMap(({ id, wish: { spec } }) =>
      spec ? [{ ...spec, labels: { ...spec.labels, ...labels(id) } }] : [],
    );
    for (const [index, handle] of scheduler.submitAll(specs).entries()) {
      const ticket = fresh[index]?.wish.ticket;
      if (ticket !== undefined) this.#follow(handle, ticket);
    }
  }

  #follow(handle: TaskHandle, ticket: string): void {
    const { id } = handle;
    this.#followed.set(id, ticket);
    handle.running.catch((error: MesosError) => this.#failed(id, error));
    handle.ended.then(
      (status) => this.#ended(id, status),
      (error: MesosError) => this.#failed(id, error),
    );
  }

  /** Told for `running` and for `ended`; the first outcome counts. */
  #failed(id: string, error: MesosError): void {
    if (passing.has(error.code)) return;
    if (error.code === 'NOT_STORED') return this.#again(id);
    const failure = failureOf(error) ?? { kind: 'lost', state: 'TASK_UNKNOWN', reason: error.message };
    // What the deletion itself is told says more.
    if (failure.kind === 'deleted' && this.#deleting.has(id)) return;
    this.#settle(id, { kind: 'failed', failure });
  }

  #ended(id: string, status: WireTaskStatus): void {
    const record = this.#recordOf(id);
    if (record?.ran) return this.#settle(id, { kind: 'ended', status, record });
    this.#settle(id, { kind: 'failed', failure: { kind: 'ended-early', status } });
  }

  /** No majority could be told that it is launched, so it was not; it is still wanted. */
  #again(id: string): void {
    const timer = this.#deps.clock.after(STORE_AGAIN_MS, () => {
      this.#timers.delete(timer);
      this.#followed.delete(id);
      this.#look([id]);
    });
    this.#timers.add(timer);
  }

  #delete(id: string, { ticket }: Wish): void {
    if (this.#deleting.has(id)) return;
    const { scheduler } = this.#deps;
    const withdrawn = {
      kind: 'failed',
      failure: { kind: 'deleted' },
      deleted: { kind: 'withdrawn' },
    } as const;
    const { kind } = scheduler.explain(id);
    if (kind === 'unknown') return this.#settle(id, withdrawn);
    this.#deleting.add(id);
    const handle = this.#followed.get(id) === ticket ? undefined : scheduler.task(id);
    if (handle) this.#follow(handle, ticket);
    scheduler.delete(id).then(
      (deleted) => {
        this.#deleting.delete(id);
        this.#settle(id, { kind: 'failed', failure: { kind: 'deleted' }, deleted });
      },
      (error: MesosError) => {
        this.#deleting.delete(id);
        if (error.code === 'UNKNOWN_TASK') this.#settle(id, withdrawn);
      },
    );
  }

  /** A record without a wish, of a task that isn't on its way out. */
  #isStray(id: string): boolean {
    const explained = this.#deps.scheduler.explain(id);
    return (
      recordOf(this.#deps.map, id).value !== undefined &&
      explained.kind === 'launched' &&
      explained.record.unwanted !== true
    );
  }

  #recordOf(id: string): TaskRecord | undefined {
    const explained = this.#deps.scheduler.explain(id);
    return 'record' in explained ? explained.record : recordOf(this.#deps.map, id).value;
  }

  #settle(id: string, draft: OutcomeDraft): void {
    // Not written: the term is over, and the successor finds out anew.
    this.#deps.outcomes.settle(id, draft).catch(() => {});
  }
}
