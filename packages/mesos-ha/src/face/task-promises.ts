import type { MapChanged, ReplicatedMap } from '@vibrissa/cluster';
import { launchErrorOf, type RunningTask, type TaskRecord, type WireTaskStatus } from '@vibrissa/mesos';

import { Deferred } from '../base/deferred.ts';
import { outcomeOf, recordOf, wishOf } from '../shared/entries.ts';
import { idOf, prefixes } from '../shared/keys.ts';
import { statusOf, type Outcome } from '../shared/outcome.ts';
import { OutcomeLostError } from './errors.ts';

/** What is promised of one wish. */
export interface WishPromises {
  readonly running: Deferred<RunningTask>;
  readonly ended: Deferred<WireTaskStatus>;
  readonly outcome: Deferred<Outcome>;
}

interface Open extends WishPromises {
  readonly ticket: string;
}

export interface TaskPromisesDeps {
  readonly map: ReplicatedMap;
  readonly describe: (record: TaskRecord, ended: Promise<unknown>) => RunningTask;
}

/**
 * Settles what was promised of tasks by what the map tells: the record of one that runs, the outcome of one that is over.
 * Each promise settles once, whichever instance has launched the task, and however often the leader changes.
 */
export class TaskPromises {
  readonly #deps: TaskPromisesDeps;
  /** By task id: an id may be used again after its task has ended. */
  readonly #open = new Map<string, readonly Open[]>();
  readonly #stops: readonly (() => void)[];

  constructor(deps: TaskPromisesDeps) {
    this.#deps = deps;
    const look = (changed: MapChanged) => this.#lookAt(changed);
    this.#stops = [prefixes.wanted, prefixes.task, prefixes.outcome].map((prefix) =>
      deps.map.watch(prefix, look),
    );
  }

  /** The same for the same wish, as long as it has not come out. */
  of(id: string, ticket: string): WishPromises {
    const known = this.#open.get(id)?.find((open) => open.ticket === ticket);
    if (known) return known;
    const open: Open = {
      ticket,
      running: new Deferred(),
      ended: new Deferred(),
      outcome: new Deferred(),
    };
    this.#open.set(id, [...(this.#open.get(id) ?? []), open]);
    this.#look(id);
    return open;
  }

  /** What is open rejects. */
  close(error: Error): void {
    for (const stop of this.#stops) stop();
    for (const open of [...this.#open.values()].flat()) reject(open, error);
    this.#open.clear();
  }

  #lookAt({ reset, values, removed }: MapChanged): void {
    if (!reset) {
      for (const key of [...values.keys(), ...removed]) this.#look(idOf(key));
      return;
    }
    for (const id of this.#open.keys()) this.#look(id);
  }

  #look(id: string): void {
    const opens = this.#open.get(id);
    if (!opens) return;
    const left = opens.filter((open) => !this.#settle(id, open));
    if (left.length > 0) this.#open.set(id, left);
    else this.#open.delete(id);
  }

  /** True: it is over. */
  #settle(id: string, open: Open): boolean {
    const { map } = this.#deps;
    const outcome = outcomeOf(map, id).value;
    if (outcome?.ticket === open.ticket) this.#comeOut(id, open, outcome);
    else if (wishOf(map, id).value?.ticket === open.ticket) {
      const record = recordOf(map, id).value;
      if (record?.ran) this.#runs(open, record);
      return false;
    } else reject(open, new OutcomeLostError(id));
    return true;
  }

  #comeOut(id: string, open: Open, outcome: Outcome): void {
    const status = statusOf(outcome);
    if (outcome.kind === 'ended') this.#runs(open, outcome.record);
    const error = outcome.kind === 'failed' ? launchErrorOf(id, outcome.failure) : undefined;
    if (error) open.running.reject(error);
    if (status) open.ended.resolve(status);
    else if (error) open.ended.reject(error);
    open.outcome.resolve(outcome);
  }

  #runs(open: Open, record: TaskRecord): void {
    if (!open.running.isSettled) open.running.resolve(this.#deps.describe(record, open.ended.promise));
  }
}

function reject({ running, ended, outcome }: Open, error: Error): void {
  for (const promise of [running, ended, outcome]) promise.reject(error);
}
