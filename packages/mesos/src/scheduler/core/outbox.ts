import type { StateChange } from '../../state/framework-state.ts';
import type { TaskRecord } from '../../tasks/task-record.ts';
import type { SessionCall } from '../../wire/index.ts';
import type { CoreEffect, Notice } from '../core-messages.ts';

/**
 * The effects of a step, in order. Changes of the state are collected and written by one `persist` at the step's end,
 * so that a reconciliation of thousands of tasks is one write.
 */
export class Outbox {
  #effects: CoreEffect[] = [];
  #connection = 0;
  #isOpen = false;
  #frameworkId = '';
  #lastCallId = 0;
  #lastWrite = 0;
  readonly #records = new Map<string, TaskRecord | null>();
  #newFrameworkId: string | null | undefined;

  /** The number of the newest connection; 0 before the first. */
  get connection(): number {
    return this.#connection;
  }

  /** There is a subscription: calls can be sent. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  push(effect: CoreEffect): void {
    this.#effects.push(effect);
  }

  notice(notice: Notice): void {
    this.#effects.push({ type: 'notice', notice });
  }

  warn(text: string, details: Readonly<Record<string, unknown>>): void {
    this.notice({ kind: 'warning', text, details });
  }

  nextConnection(): number {
    this.#isOpen = false;
    this.#connection += 1;
    return this.#connection;
  }

  open(frameworkId: string): void {
    this.#isOpen = true;
    this.#frameworkId = frameworkId;
  }

  shut(): void {
    this.#isOpen = false;
  }

  /** Only with a subscription. Returns the call's id. */
  send(call: SessionCall): number {
    this.#lastCallId += 1;
    this.#effects.push({
      type: 'send',
      connection: this.#connection,
      callId: this.#lastCallId,
      frameworkId: this.#frameworkId,
      call,
    });
    return this.#lastCallId;
  }

  put(record: TaskRecord): void {
    this.#records.set(record.id, record);
  }

  remove(taskId: string): void {
    this.#records.set(taskId, null);
  }

  /** Null forgets it. */
  storeFrameworkId(frameworkId: string | null): void {
    this.#newFrameworkId = frameworkId;
  }

  /** Writes what has been collected. Returns the write's number, undefined when there was nothing to write. */
  persist(): number | undefined {
    if (this.#records.size === 0 && this.#newFrameworkId === undefined) return undefined;
    const put: TaskRecord[] = [];
    const remove: string[] = [];
    for (const [id, record] of this.#records) {
      if (record) put.push(record);
      else remove.push(id);
    }
    const change: StateChange = {
      ...(this.#newFrameworkId === undefined ? {} : { frameworkId: this.#newFrameworkId }),
      ...(put.length > 0 ? { put } : {}),
      ...(remove.length > 0 ? { remove } : {}),
    };
    this.#records.clear();
    this.#newFrameworkId = undefined;
    this.#lastWrite += 1;
    this.#effects.push({ type: 'persist', write: this.#lastWrite, change });
    return this.#lastWrite;
  }

  drain(): CoreEffect[] {
    this.persist();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
