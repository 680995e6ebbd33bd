import type { Clock, Timer } from '../base/clock.ts';
import type { Fault } from './fault.ts';

export interface FaultyLineOptions<Message> {
  readonly clock: Clock;
  /** Asked once for each message. */
  readonly strike: (message: Message) => Fault | undefined;
  readonly deliver: (message: Message) => void;
  /** For faults that are not about when a message arrives, or how often. */
  readonly other?: (fault: Fault, message: Message) => void;
}

interface Waiting<Message> {
  readonly message: Message;
  readonly dueMs: number;
  readonly fault?: Fault;
}

/**
 * A line that keeps order, as a connection does: a delayed message delays those behind it. Only `reorder` swaps two.
 * Without faults a message arrives before `send` returns.
 */
export class FaultyLine<Message> {
  readonly #options: FaultyLineOptions<Message>;
  readonly #waiting: Waiting<Message>[] = [];
  #held: Message[] = [];
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: FaultyLineOptions<Message>) {
    this.#options = options;
  }

  send(message: Message): void {
    if (this.#closed) return;
    const fault = this.#options.strike(message);
    if (fault?.kind === 'reorder') {
      this.#held.push(message);
      return;
    }
    const nowMs = this.#options.clock.monotonicMs();
    const delayMs = fault?.kind === 'delay' ? fault.delayMs : 0;
    const dueMs = Math.max(nowMs + delayMs, this.#waiting.at(-1)?.dueMs ?? 0);
    this.#waiting.push({ message, dueMs, ...(fault ? { fault } : {}) });
    for (const held of this.#held.splice(0)) this.#waiting.push({ message: held, dueMs });
    this.#flush();
  }

  /** What waits is lost. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#held = [];
    this.#timer?.cancel();
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const waitMs = first.dueMs - this.#options.clock.monotonicMs();
      if (waitMs > 0) {
        this.#timer = this.#options.clock.after(waitMs, () => this.#flush());
        return;
      }
      this.#waiting.shift();
      this.#arrive(first);
    }
  }

  #arrive({ message, fault }: Waiting<Message>): void {
    if (fault?.kind === 'drop') return;
    if (fault && fault.kind !== 'delay' && fault.kind !== 'duplicate') {
      this.#options.other?.(fault, message);
      return;
    }
    this.#options.deliver(message);
    if (fault?.kind === 'duplicate') this.#options.deliver(message);
  }
}
