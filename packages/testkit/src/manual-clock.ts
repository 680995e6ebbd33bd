/** A timer of a {@link ManualClock}. */
export interface ManualTimer {
  cancel(): void;
}

interface Entry {
  readonly order: number;
  readonly periodMs: number | undefined;
  dueMs: number;
  readonly run: () => void;
}

/** Lets everything that is ready run: microtasks, and what they scheduled for the next turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}

/**
 * Time that moves only when a test says so. It has the shape of the server's `Clock`.
 *
 *     const clock = new ManualClock();
 *     clock.after(60_000, expire);
 *     await clock.advance(60_000);
 */
export class ManualClock {
  #epochMs: number;
  #monotonicMs = 0;
  #order = 0;
  readonly #timers = new Set<Entry>();

  /** `epochMs`: where `now()` starts; `monotonicMs()` starts at 0. */
  constructor(epochMs = 1_700_000_000_000) {
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#epochMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  epochNs(): bigint {
    return BigInt(Math.round(this.#epochMs * 1000)) * 1000n;
  }

  after(delayMs: number, run: () => void): ManualTimer {
    return this.#add(delayMs, undefined, run);
  }

  every(periodMs: number, run: () => void): ManualTimer {
    return this.#add(periodMs, Math.max(1, periodMs), run);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = this.after(delayMs, resolve);
      const abort = () => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Timers that have not fired and were not cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Sets the machine's clock, as an administrator or NTP would: timers and `monotonicMs()` don't notice. */
  jumpTo(epochMs: number): void {
    this.#epochMs = epochMs;
  }

  /** Moves time on and fires what falls due, in order, without letting promises settle in between. */
  advanceSync(byMs: number): void {
    const untilMs = this.#monotonicMs + byMs;
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) this.#fire(next);
    this.#moveTo(untilMs);
  }

  /** Moves time on, fires what falls due in order, and lets promises settle after each. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + byMs;
    await settle();
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
      this.#fire(next);
      await settle();
    }
    this.#moveTo(untilMs);
    await settle();
  }

  #add(delayMs: number, periodMs: number | undefined, run: () => void): ManualTimer {
    const dueMs = this.#monotonicMs + Math.max(0, delayMs);
    const entry: Entry = { order: this.#order++, periodMs, dueMs, run };
    this.#timers.add(entry);
    return { cancel: () => void this.#timers.delete(entry) };
  }

  #next(untilMs: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#timers) {
      if (entry.dueMs > untilMs) continue;
      if (!first || entry.dueMs < first.dueMs || (entry.dueMs === first.dueMs && entry.order < first.order)) {
        first = entry;
      }
    }
    return first;
  }

  #fire(entry: Entry): void {
    this.#moveTo(Math.max(this.#monotonicMs, entry.dueMs));
    if (entry.periodMs === undefined) this.#timers.delete(entry);
    else entry.dueMs += entry.periodMs;
    entry.run();
  }

  #moveTo(monotonicMs: number): void {
    this.#epochMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}
