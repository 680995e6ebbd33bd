import type { Clock, Timer } from '../base/clock.ts';

/** A wait is made of so many shorter ones: a process that has slept counts one of them, not its sleep. */
const PARTS = 4;

/**
 * Watches that answers come to their ends while some are missing. A time-out of the head or of silence is not enough:
 * a server that drips interim answers, or a body that nobody wants, would hold up everything behind it for ever.
 */
export class AnswerWatch {
  readonly #clock: Clock;
  readonly #partMs: number;
  readonly #onStuck: () => void;
  #timer: Timer | undefined;
  #partsInVain = 0;

  constructor(options: { readonly clock: Clock; readonly timeoutMs: number; readonly onStuck: () => void }) {
    this.#clock = options.clock;
    this.#partMs = options.timeoutMs / PARTS;
    this.#onStuck = options.onStuck;
  }

  /** An answer is missing. */
  begin(): void {
    if (!this.#timer) this.#wait();
  }

  /** An answer has come to its end, and others are missing. */
  proceeds(): void {
    this.#partsInVain = 0;
  }

  /** None is missing any more. Idempotent. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#partsInVain = 0;
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#partMs, () => {
      this.#partsInVain += 1;
      if (this.#partsInVain <= PARTS) return this.#wait();
      this.end();
      this.#onStuck();
    });
  }
}
