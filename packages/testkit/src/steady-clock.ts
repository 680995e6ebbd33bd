/** How often timers are looked at. */
const EVERY_MS = 5;

interface Entry {
  readonly dueMs: number;
  readonly run: () => void;
}

/**
 * The machine's time without its stalls: whatever holds this process up for longer than `mostMs` at once (a machine that
 * has much else to do) counts as `mostMs`. For tests of leases and heartbeats between instances that live in one process:
 * all of them stand still together, and find time as they have left it. What is slow turn by turn takes its time.
 */
export class SteadyClock {
  readonly #mostMs: number;
  readonly #timers = new Set<Entry>();
  #nowMs = 0;
  #lastMs = performance.now();
  #ticking: NodeJS.Timeout | undefined;

  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    const atMs = performance.now();
    this.#nowMs += Math.min(atMs - this.#lastMs, this.#mostMs);
    this.#lastMs = atMs;
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const entry = { dueMs: this.monotonicMs() + Math.max(0, delayMs), run };
    this.#timers.add(entry);
    this.#ticking ??= setInterval(() => this.#tick(), EVERY_MS);
    return { cancel: () => void this.#timers.delete(entry) };
  }

  #tick(): void {
    const nowMs = this.monotonicMs();
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= nowMs);
    for (const entry of due.toSorted((one, other) => one.dueMs - other.dueMs)) {
      // One that fires may cancel the next.
      if (this.#timers.delete(entry)) entry.run();
    }
    if (this.#timers.size > 0) return;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }
}
