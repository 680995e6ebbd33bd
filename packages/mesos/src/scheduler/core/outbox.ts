import type { TaskRecord } from '../../tasks/task-record.ts';
import type { SessionCall } from '../../wire/index.ts';
import type { CoreEffect, Notice } from '../core-messages.ts';
import { StateChanges } from './state-changes.ts';

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
  readonly #changes = new StateChanges();

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
    this.#changes.put(record);
  }

  remove(taskId: string): void {
    this.#changes.remove(taskId);
  }

  /** Null forgets it. */
  storeFrameworkId(frameworkId: string | null): void {
    this.#changes.storeFrameworkId(frameworkId);
  }

  /** Writes what has been collected. Returns the write's number, undefined when there was nothing to write. */
  persist(): number | undefined {
    const next = this.#changes.take();
    if (next) this.#effects.push({ type: 'persist', ...next });
    return next?.write;
  }

  /** A write has ended. What has failed is kept, for {@link persistAgain}. */
  persisted(write: number, isStored: boolean): void {
    if (isStored) this.#changes.written(write);
    else this.#changes.failed(write);
  }

  persistAgain(): void {
    this.#changes.again();
  }

  /** Another instance leads: nothing more is written of what this one had to say. */
  forgetChanges(): void {
    this.#changes.forget();
  }

  drain(): CoreEffect[] {
    this.persist();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
