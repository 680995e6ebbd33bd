/** So many answers of a source in a row are looked at: one that leaves somebody out does so for a moment. */
const LOOKED_AT = 5;
/** Fewer answers than this prove nothing. */
const ENOUGH = 3;

/**
 * How many instances a source knows that counts them, as Marathon does. While all are exchanged these are twice as many as
 * there are to be: the new ones are no majority then, though they could be one of the number that is wanted.
 */
export class ListedCount {
  #recent: number[] = [];

  /** `count` undefined: this source doesn't count. */
  add(count: number | undefined): void {
    this.#recent = count === undefined ? [] : [...this.#recent, count].slice(-LOOKED_AT);
  }

  /** The most of the last answers; 0: nobody has counted. */
  get most(): number {
    return Math.max(0, ...this.#recent);
  }

  get isSure(): boolean {
    return this.#recent.length === 0 || this.#recent.length >= ENOUGH;
  }
}
