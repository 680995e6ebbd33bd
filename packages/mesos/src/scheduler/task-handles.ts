import type { LaunchFailure } from '../tasks/task-outcome.ts';
import type { TaskRecord } from '../tasks/task-record.ts';
import type { WireTaskStatus } from '../wire/index.ts';
import { Deferred } from './deferred.ts';
import { launchErrorOf } from './errors/error-of.ts';
import type { RunningTask } from './running-task.ts';

/** The two things that are promised of a task. */
export interface TaskPromises {
  readonly running: Deferred<RunningTask>;
  readonly ended: Deferred<WireTaskStatus>;
}

/** What was promised of the tasks that have not ended, by task id. Each promise is settled once, and then forgotten. */
export class TaskHandles {
  readonly #open = new Map<string, TaskPromises>();
  readonly #describe: (record: TaskRecord, ended: Promise<unknown>) => RunningTask;

  constructor(describe: (record: TaskRecord, ended: Promise<unknown>) => RunningTask) {
    this.#describe = describe;
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  get(id: string): TaskPromises | undefined {
    return this.#open.get(id);
  }

  add(id: string): TaskPromises {
    const promises = { running: new Deferred<RunningTask>(), ended: new Deferred<WireTaskStatus>() };
    this.#open.set(id, promises);
    return promises;
  }

  running(record: TaskRecord): void {
    const promises = this.#open.get(record.id);
    promises?.running.resolve(this.#describe(record, promises.ended.promise));
  }

  /** It never ran, or nothing more will be heard of it. */
  failed(id: string, failure: LaunchFailure): void {
    const promises = this.#take(id);
    if (!promises) return;
    const error = launchErrorOf(id, failure);
    promises.running.reject(error);
    if ('status' in failure) promises.ended.resolve(failure.status);
    else promises.ended.reject(error);
  }

  ended(record: TaskRecord, status: WireTaskStatus): void {
    const promises = this.#take(record.id);
    promises?.running.reject(launchErrorOf(record.id, { kind: 'ended-early', status }));
    promises?.ended.resolve(status);
  }

  /** The last resort for whatever nobody has settled. */
  closeAll(): void {
    for (const id of this.#open.keys()) this.failed(id, { kind: 'closed' });
  }

  #take(id: string): TaskPromises | undefined {
    const promises = this.#open.get(id);
    this.#open.delete(id);
    return promises;
  }
}
