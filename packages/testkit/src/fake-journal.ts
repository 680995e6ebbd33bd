import type { ActivationMessage, ActivationRecord } from '@vibrissa/protocol';

/**
 * The server's `ActivationJournal` in memory, for faults: it can fail, and it can hold its answers back.
 *
 *     const journal = new FakeJournal();
 *     journal.failWith(new Error('disk full'));
 *     const release = journal.hold();                        // accept() stays open until release()
 */
export class FakeJournal {
  readonly accepted: ActivationMessage[] = [];
  readonly started: ActivationMessage[] = [];
  readonly finished: ActivationRecord[] = [];
  readonly logs = new Map<string, readonly string[]>();
  readonly discarded: string[] = [];
  #fault: Error | undefined;
  #gate: Promise<void> | undefined;

  /** Every call fails with this from now on; undefined mends it. */
  failWith(fault: Error | undefined): void {
    this.#fault = fault;
  }

  /** `accept` does not resolve before the function that this returns was called. */
  hold(): () => void {
    let release = () => {};
    this.#gate = new Promise((resolve) => {
      release = () => {
        this.#gate = undefined;
        resolve();
      };
    });
    return release;
  }

  async accept(message: ActivationMessage): Promise<void> {
    this.#check();
    if (this.#gate) await this.#gate;
    this.#check();
    this.accepted.push({ ...message });
  }

  async start(message: ActivationMessage): Promise<void> {
    this.#check();
    this.started.push({ ...message });
  }

  async finish(record: ActivationRecord, logs: readonly string[] | undefined): Promise<void> {
    this.#check();
    if (this.finished.some((known) => known.activationId === record.activationId)) return;
    this.finished.push(record);
    if (logs) this.logs.set(record.activationId, logs);
  }

  async logged(activationId: string, logs: readonly string[]): Promise<void> {
    this.#check();
    this.logs.set(activationId, logs);
  }

  async discard(activationId: string): Promise<void> {
    this.#check();
    this.discarded.push(activationId);
  }

  async unfinished(): Promise<readonly { readonly message: ActivationMessage; readonly started: boolean }[]> {
    const done = new Set([...this.finished.map((record) => record.activationId), ...this.discarded]);
    const started = new Map(this.started.map((message) => [message.activationId, message]));
    const open = new Map([
      ...started,
      ...this.accepted.map((message) => [message.activationId, message] as const),
    ]);
    return [...open.values()]
      .filter((message) => !done.has(message.activationId))
      .map((message) => ({ message, started: started.has(message.activationId) }));
  }

  async close(): Promise<void> {}

  #check(): void {
    if (this.#fault) throw this.#fault;
  }
}
