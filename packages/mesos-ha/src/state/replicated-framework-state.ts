import type { ReplicatedMap, WaitOptions } from '@vibrissa/cluster';
import {
  FrameworkStateError,
  type FrameworkState,
  type StateChange,
  type StoredState,
  type TaskRecord,
} from '@vibrissa/mesos';

import { Deferred } from '../base/deferred.ts';
import { frameworkKeys, prefixes } from '../shared/keys.ts';
import { mapErrorCode } from '../shared/map-errors.ts';
import { mergeChanges } from './merge-changes.ts';

export interface ReplicatedStateOptions extends WaitOptions {
  readonly map: ReplicatedMap;
  /** Of the leader that writes: once it is over, every write is refused. */
  readonly epoch: number;
  /** What a task bears that this leader launches again, after a predecessor whose launch came to nothing. */
  readonly labels?: (taskId: string) => Readonly<Record<string, string>>;
}

interface Waiting {
  readonly change: StateChange;
  readonly written: Deferred<void>;
}

/**
 * The Mesos client's state as entries of the map, held by a majority of the instances.
 *
 *     const state = new ReplicatedFrameworkState({ map: cluster.map, epoch });
 *
 * One write is under way at a time; what is written meanwhile goes with the next one, as a whole.
 */
export class ReplicatedFrameworkState implements FrameworkState {
  readonly #options: ReplicatedStateOptions;
  #waiting: Waiting[] = [];
  #underWay: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ReplicatedStateOptions) {
    this.#options = options;
  }

  /** With everything that any leader before had written. */
  async load(): Promise<StoredState> {
    this.#checkOpen();
    const { map } = this.#options;
    const [framework, tasks] = await Promise.all([
      this.#try(map.read(prefixes.framework, this.#wait)),
      this.#try(map.read(prefixes.task, this.#wait)),
    ]);
    const frameworkId = framework.get(frameworkKeys.id)?.value as string | undefined;
    return {
      ...(frameworkId === undefined ? {} : { frameworkId }),
      tasks: [...tasks.values()].map(({ value }) => this.#takenOver(value as unknown as TaskRecord)),
    };
  }

  #takenOver(record: TaskRecord): TaskRecord {
    const { id, spec } = record;
    const labels = this.#options.labels?.(id);
    return spec && labels ? { ...record, spec: { ...spec, labels: { ...spec.labels, ...labels } } } : record;
  }

  async write(change: StateChange): Promise<void> {
    this.#checkOpen();
    const written = new Deferred<void>();
    this.#waiting.push({ change, written });
    this.#underWay ??= this.#writeAll();
    return written.promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#underWay;
  }

  get #wait(): WaitOptions {
    const { withinMs } = this.#options;
    return withinMs === undefined ? {} : { withinMs };
  }

  async #writeAll(): Promise<void> {
    // What is written in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#writeBatch(batch);
    }
    this.#underWay = undefined;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    const { map, epoch } = this.#options;
    const changes = batch.map((one) => one.change);
    try {
      for (const change of mergeChanges(changes, epoch)) await this.#try(map.write(change, this.#wait));
      for (const { written } of batch) written.resolve();
    } catch (error) {
      for (const { written } of batch) written.reject(error as Error);
    }
  }

  async #try<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (cause) {
      throw new FrameworkStateError('STATE_UNUSABLE', problem(cause), { cause });
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new FrameworkStateError('STATE_CLOSED', 'The framework state is closed.');
  }
}

function problem(cause: unknown): string {
  switch (mapErrorCode(cause)) {
    case 'EPOCH_OVER':
      return 'Another instance leads by now, and this one may write no more. It stands down by itself; nothing needs to be mended.';
    case 'OUTCOME_UNKNOWN':
    case 'NO_LEADER':
      return `No majority of the instances has confirmed it: ${said(cause)} See that most of them run and reach each other.`;
    default:
      return `The cluster's map did not take it: ${said(cause)}`;
  }
}

function said(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
