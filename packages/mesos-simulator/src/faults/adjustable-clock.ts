import { setImmediate as turn } from 'node:timers/promises';

import type { Clock, Timer } from '../base/clock.ts';

interface Entry {
  readonly dueMs: number;
  readonly run: () => void;
  timer: Timer;
}

/**
 * A clock that can be set, as an administrator would, or moved on, as waiting would. Processes of tasks and the
 * clients of the simulator live in real time and don't notice.
 */
export class AdjustableClock implements Clock {
  readonly #base: Clock;
  readonly #entries = new Set<Entry>();
  #jumpedMs = 0;
  #advancedMs = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#jumpedMs + this.#advancedMs;
  }

  monotonicMs(): number {
    return this.#base.monotonicMs() + this.#advancedMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const dueMs = this.monotonicMs() + Math.max(0, delayMs);
    const fire = () => {
      this.#entries.delete(entry);
      run();
    };
    const entry: Entry = { dueMs, run: fire, timer: this.#base.after(delayMs, fire) };
    this.#entries.add(entry);
    return {
      cancel: () => {
        this.#entries.delete(entry);
        entry.timer.cancel();
      },
    };
  }

  /** Sets the time of day by so much, forwards or backwards; nothing that waits notices. */
  jump(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  /**
   * Lets so much time pass at once: what falls due in it happens in order, each at its own moment, and between two
   * moments what they have caused is worked off.
   */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.monotonicMs() + byMs;
    for (let next = this.#firstUntil(untilMs); next; next = this.#firstUntil(untilMs)) {
      this.#moveTo(next.dueMs);
      next.timer.cancel();
      next.run();
      await turn();
      await turn();
    }
    this.#moveTo(untilMs);
    for (const entry of this.#entries) {
      entry.timer.cancel();
      entry.timer = this.#base.after(Math.max(0, entry.dueMs - this.monotonicMs()), entry.run);
    }
  }

  #firstUntil(untilMs: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.dueMs <= untilMs && (!first || entry.dueMs < first.dueMs)) first = entry;
    }
    return first;
  }

  #moveTo(monotonicMs: number): void {
    this.#advancedMs += Math.max(0, monotonicMs - this.monotonicMs());
  }
}
