/**
 * Rounds of heartbeats. An answer to a round proves that whoever gave it followed this leader at some time after the
 * round was sent; a majority of such answers is what the lease and reads stand on.
 */
export class Rounds {
  #current = 0;
  #confirmed = 0;
  #confirmedMs: number;
  /** When they were sent, of those that no majority has answered yet. */
  readonly #sentMs = new Map<number, number>();

  /** `nowMs`: when the term of office begins, from where on a majority is waited for. */
  constructor(nowMs: number) {
    this.#confirmedMs = nowMs;
  }

  /** 0 before the first. */
  get current(): number {
    return this.#current;
  }

  /** The newest one that a majority has answered; 0: none yet. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** When that was sent. */
  get confirmedMs(): number {
    return this.#confirmedMs;
  }

  begin(nowMs: number): void {
    this.#current += 1;
    this.#sentMs.set(this.#current, nowMs);
  }

  /** A majority has answered this one, or a later one than before. */
  confirm(round: number): void {
    const sentMs = this.#sentMs.get(round);
    if (round <= this.#confirmed || sentMs === undefined) return;
    this.#confirmed = round;
    this.#confirmedMs = sentMs;
    for (const older of this.#sentMs.keys()) {
      if (older > round) break;
      this.#sentMs.delete(older);
    }
  }
}
