import type { TaskRecord } from '../tasks/task-record.ts';
import type { StateChange, StoredState } from './framework-state.ts';

/** The state that a sequence of changes amounts to. */
export class StoredTasks {
  #frameworkId: string | undefined;
  readonly #tasks = new Map<string, TaskRecord>();

  get frameworkId(): string | undefined {
    return this.#frameworkId;
  }

  get size(): number {
    return this.#tasks.size;
  }

  get tasks(): Iterable<TaskRecord> {
    return this.#tasks.values();
  }

  get(id: string): TaskRecord | undefined {
    return this.#tasks.get(id);
  }

  apply(change: StateChange): void {
    if (change.frameworkId !== undefined) this.#frameworkId = change.frameworkId ?? undefined;
    for (const id of change.remove ?? []) this.#tasks.delete(id);
    for (const record of change.put ?? []) this.#tasks.set(record.id, record);
  }

  snapshot(): StoredState {
    const tasks = [...this.#tasks.values()];
    return this.#frameworkId === undefined ? { tasks } : { frameworkId: this.#frameworkId, tasks };
  }
}
