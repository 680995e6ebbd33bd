import type { TaskRecord } from '../../tasks/task-record.ts';

/** A task of the past. */
export interface EndedTask {
  readonly record: TaskRecord;
  /** Of its last update: when that comes again it is only acknowledged again. */
  readonly handledUuids: readonly string[];
  /** Another attempt has taken its place: should it turn up it is killed. */
  readonly isSuperseded: boolean;
}

/**
 * Remembers tasks that have ended: updates come twice, and tasks that were told lost or gone may come back. Bounded:
 * the oldest ones are forgotten first.
 */
export class EndedTasks {
  readonly #limit: number;
  readonly #byMesosId = new Map<string, EndedTask>();
  readonly #mesosIds = new Map<string, string>();
  /** By group id: the member that ended last. */
  readonly #groups = new Map<string, string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  remember(ended: EndedTask): void {
    const { id, mesosTaskId, groupId } = ended.record;
    this.forget(mesosTaskId);
    this.#byMesosId.set(mesosTaskId, ended);
    if (!ended.isSuperseded) this.#mesosIds.set(id, mesosTaskId);
    if (!ended.isSuperseded && groupId !== undefined) this.#groups.set(groupId, mesosTaskId);
    if (this.#byMesosId.size <= this.#limit) return;
    const [oldest] = this.#byMesosId.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  byMesosId(mesosTaskId: string): EndedTask | undefined {
    return this.#byMesosId.get(mesosTaskId);
  }

  /** A task, or of a group the one that ended last. */
  byId(id: string): EndedTask | undefined {
    const mesosTaskId = this.#mesosIds.get(id) ?? this.#groups.get(id);
    return mesosTaskId === undefined ? undefined : this.#byMesosId.get(mesosTaskId);
  }

  forget(mesosTaskId: string): void {
    const ended = this.#byMesosId.get(mesosTaskId);
    if (!ended) return;
    this.#byMesosId.delete(mesosTaskId);
    const { id, groupId } = ended.record;
    if (this.#mesosIds.get(id) === mesosTaskId) this.#mesosIds.delete(id);
    if (groupId !== undefined && this.#groups.get(groupId) === mesosTaskId) this.#groups.delete(groupId);
  }

  clear(): void {
    this.#byMesosId.clear();
    this.#mesosIds.clear();
    this.#groups.clear();
  }
}
