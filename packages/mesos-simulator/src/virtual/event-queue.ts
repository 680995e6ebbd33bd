import { Heap } from '../base/heap.ts';

/** Virtual time: it stands still but for jumping from one event to the next. */
export class EventQueue {
  readonly #heap = new Heap<() => void>();
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Not before now; events of the same moment come in the order in which they were planned. */
  at(atMs: number, run: () => void): void {
    this.#heap.push(Math.max(atMs, this.#nowMs), run);
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run);
  }

  /** Runs the next event that is due until then; false when there is none, and then it is that late. */
  step(untilMs: number): boolean {
    const atMs = this.#heap.topKey;
    if (atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    const run = this.#heap.pop();
    this.#nowMs = atMs;
    run?.();
    return true;
  }
}
