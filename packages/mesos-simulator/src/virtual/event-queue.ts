import { Heap } from '../base/heap.ts';

/** Virtual time: it stands still but for jumping from one event to the next. */
export class EventQueue {
  readonly #heap = new Heap<QueuedEvent>((a, b) => a.atMs - b.atMs || a.order - b.order);
  #order = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  get nextMs(): number | undefined {
    return this.#heap.peek()?.atMs;
  }

  /** Not before now; events of the same moment come in the order in which they were planned. */
  at(atMs: number, run: () => void): void {
    this.#heap.push({ atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run });
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run);
  }

  /** Runs the next event that is due until then; false when there is none, and then it is that late. */
  step(untilMs: number): boolean {
    const next = this.#heap.peek();
    if (next === undefined || next.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#heap.pop();
    this.#nowMs = next.atMs;
    next.run();
    return true;
  }
}

interface QueuedEvent {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}
