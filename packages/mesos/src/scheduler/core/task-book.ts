import type { TaskRecord } from '../../tasks/task-record.ts';
import type { LiveTask } from './live-task.ts';

/** All tasks that this client cares for, found by what events and requests name them by. */
export class TaskBook {
  readonly #byId = new Map<string, LiveTask>();
  readonly #byMesosId = new Map<string, LiveTask>();
  readonly #groups = new Map<string, Set<LiveTask>>();
  readonly #unwanted = new Set<LiveTask>();

  get size(): number {
    return this.#byMesosId.size;
  }

  /** Tasks that are to be killed. */
  get unwanted(): Iterable<LiveTask> {
    return this.#unwanted;
  }

  byId(id: string): LiveTask | undefined {
    return this.#byId.get(id);
  }

  /** Only tasks that have been launched, or are just about to be. */
  byMesosId(mesosTaskId: string): LiveTask | undefined {
    return this.#byMesosId.get(mesosTaskId);
  }

  /** The task of this id, or all of the group of this id. */
  named(id: string): readonly LiveTask[] {
    const task = this.#byId.get(id);
    return task ? [task] : [...(this.#groups.get(id) ?? [])];
  }

  /** Those that have a Mesos task id in use. */
  launched(): Iterable<LiveTask> {
    return this.#byMesosId.values();
  }

  /** By id, too, where no other task has this id. */
  all(): Iterable<LiveTask> {
    return new Set([...this.#byId.values(), ...this.#byMesosId.values()]);
  }

  /** A task by its id. False: the id is taken. */
  add(task: LiveTask): boolean {
    const { id, groupId } = task.record;
    if (this.#byId.has(id)) return false;
    this.#byId.set(id, task);
    if (groupId !== undefined) {
      const members = this.#groups.get(groupId);
      if (members) members.add(task);
      else this.#groups.set(groupId, new Set([task]));
    }
    return true;
  }

  /** From now on found by its Mesos task id. */
  index(task: LiveTask): void {
    this.#byMesosId.set(task.record.mesosTaskId, task);
  }

  /** No longer found by its Mesos task id. */
  unindex(task: LiveTask): void {
    const { mesosTaskId } = task.record;
    if (this.#byMesosId.get(mesosTaskId) === task) this.#byMesosId.delete(mesosTaskId);
  }

  /** Marks it unwanted, once and for ever. */
  condemn(task: LiveTask): void {
    const unwanted: TaskRecord = { ...task.record, unwanted: true };
    task.record = unwanted;
    this.#unwanted.add(task);
  }

  /** Nobody needs to kill it any more. */
  pardon(task: LiveTask): void {
    this.#unwanted.delete(task);
  }

  /** This very task is what its id means. */
  owns(task: LiveTask): boolean {
    return this.#byId.get(task.record.id) === task;
  }

  remove(task: LiveTask): void {
    this.unindex(task);
    this.#unwanted.delete(task);
    const { id, groupId } = task.record;
    if (this.#byId.get(id) === task) this.#byId.delete(id);
    const members = groupId === undefined ? undefined : this.#groups.get(groupId);
    if (groupId === undefined || !members?.delete(task)) return;
    if (members.size === 0) this.#groups.delete(groupId);
  }

  clear(): void {
    for (const index of [this.#byId, this.#byMesosId, this.#groups, this.#unwanted]) index.clear();
  }
}
