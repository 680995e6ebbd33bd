import type { Clock } from '../../base/clock.ts';

const MINUTE_MS = 60_000;

/** Counts what a namespace did in the current minute of the calendar. All start anew when the next one begins. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  #minute = Number.NaN;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more, refused or not, and returns how many that makes. */
  count(namespaceUuid: string): number {
    const minute = Math.floor(this.#clock.now() / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#counts.clear();
    }
    const count = (this.#counts.get(namespaceUuid) ?? 0) + 1;
    this.#counts.set(namespaceUuid, count);
    return count;
  }
}
