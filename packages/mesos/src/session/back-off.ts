import type { RandomSource } from '../base/random.ts';

/**
 * Waits that double from `minMs` to `maxMs`, each drawn from the upper half of its range, so that the frameworks that
 * lost a master together don't come back together.
 */
export class BackOff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: RandomSource;
  #failures = 0;

  constructor(limits: { readonly minMs: number; readonly maxMs: number }, random: RandomSource) {
    this.#minMs = limits.minMs;
    this.#maxMs = limits.maxMs;
    this.#random = random;
  }

  /** Milliseconds until the next attempt, never more than `maxMs`. */
  next(): number {
    const ceilingMs = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return Math.round(ceilingMs * (0.5 + this.#random.next() / 2));
  }

  reset(): void {
    this.#failures = 0;
  }
}
