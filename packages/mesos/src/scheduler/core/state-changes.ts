import type { StateChange } from '../../state/framework-state.ts';
import type { TaskRecord } from '../../tasks/task-record.ts';

/**
 * What is to be written to the state: collected during a step, and kept until it is known to be written. What a failed
 * write contained goes with the next one, as far as nothing newer has come.
 */
export class StateChanges {
  readonly #records = new Map<string, TaskRecord | null>();
  readonly #underWay = new Map<number, StateChange>();
  /** As long as it is not known to be stored, each write has it: no task may be stored without it. */
  #frameworkId: string | null | undefined;
  #isDue = false;
  #lastWrite = 0;

  put(record: TaskRecord): void {
    this.#records.set(record.id, record);
    this.#isDue = true;
  }

  remove(taskId: string): void {
    this.#records.set(taskId, null);
    this.#isDue = true;
  }

  /** Null forgets it. */
  storeFrameworkId(frameworkId: string | null): void {
    this.#frameworkId = frameworkId;
    this.#isDue = true;
  }

  /** The next write; undefined when nothing new is to be written. */
  take(): { readonly write: number; readonly change: StateChange } | undefined {
    if (!this.#isDue) return undefined;
    this.#isDue = false;
    const put: TaskRecord[] = [];
    const remove: string[] = [];
    for (const [id, record] of this.#records) {
      if (record) put.push(record);
      else remove.push(id);
    }
    this.#records.clear();
    const change: StateChange = {
      ...(this.#frameworkId === undefined ? {} : { frameworkId: this.#frameworkId }),
      ...(put.length > 0 ? { put } : {}),
      ...(remove.length > 0 ? { remove } : {}),
    };
    this.#lastWrite += 1;
    this.#underWay.set(this.#lastWrite, change);
    return { write: this.#lastWrite, change };
  }

  written(write: number): void {
    const change = this.#underWay.get(write);
    this.#underWay.delete(write);
    if (change?.frameworkId !== undefined && change.frameworkId === this.#frameworkId) {
      this.#frameworkId = undefined;
    }
  }

  /** It goes with the next write; {@link again} makes one. */
  failed(write: number): void {
    const change = this.#underWay.get(write);
    this.#underWay.delete(write);
    if (!change) return;
    const newer = new Set<string>(this.#records.keys());
    for (const [later, { put = [], remove = [] }] of this.#underWay) {
      if (later < write) continue;
      for (const { id } of put) newer.add(id);
      for (const id of remove) newer.add(id);
    }
    for (const record of change.put ?? []) if (!newer.has(record.id)) this.#records.set(record.id, record);
    for (const id of change.remove ?? []) if (!newer.has(id)) this.#records.set(id, null);
  }

  /** What has failed is written with the next {@link take}. */
  again(): void {
    this.#isDue ||= this.#records.size > 0 || this.#frameworkId !== undefined;
  }

  /** Another instance leads: what was not stored is its business no more. */
  forget(): void {
    this.#records.clear();
    this.#underWay.clear();
    this.#frameworkId = undefined;
    this.#isDue = false;
  }
}
