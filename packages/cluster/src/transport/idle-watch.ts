import type { Clock, Timer } from '../base/clock.ts';

/** Tells once that nothing has happened for a time. A touch costs nothing but reading the clock. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #onIdle: () => void;
  #touchedMs: number;
  #timer: Timer;

  constructor(clock: Clock, idleMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
    this.#touchedMs = clock.monotonicMs();
    this.#timer = clock.after(idleMs, () => this.#look());
  }

  touch(): void {
    this.#touchedMs = this.#clock.monotonicMs();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const leftMs = this.#touchedMs + this.#idleMs - this.#clock.monotonicMs();
    if (leftMs > 0) this.#timer = this.#clock.after(leftMs, () => this.#look());
    else this.#onIdle();
  }
}
