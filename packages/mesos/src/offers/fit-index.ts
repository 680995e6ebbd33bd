import { covers, type Amounts } from './resource-amounts.ts';

/** What padding leaves have: less than nothing, so that a need of nothing doesn't find them. */
const ABSENT: Amounts = [-1, -1, -1, -1, -1];

/**
 * Finds the first row, in a fixed order, that has enough of everything. A tree of maxima: of ten thousand rows some
 * dozens are looked at.
 */
export class FitIndex {
  readonly #leaves: number;
  /** A heap: node n has the maxima of its children 2n and 2n + 1; leaves are the rows. */
  readonly #maxima: Amounts[];

  constructor(rows: readonly Amounts[]) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, rows.length)));
    this.#maxima = Array.from({ length: 2 * this.#leaves }, () => ABSENT);
    for (const [row, amounts] of rows.entries()) this.#maxima[this.#leaves + row] = [...amounts];
    for (let node = this.#leaves - 1; node > 0; node--) this.#refresh(node);
  }

  /** A row has other amounts now. */
  set(row: number, amounts: Amounts): void {
    let node = this.#leaves + row;
    this.#maxima[node] = [...amounts];
    for (node >>= 1; node > 0; node >>= 1) this.#refresh(node);
  }

  /** The first row from `from` on that covers the need; -1: none. */
  firstFit(from: number, need: Amounts): number {
    return this.#search({ from, need }, 1, { low: 0, size: this.#leaves });
  }

  #search(
    wanted: { readonly from: number; readonly need: Amounts },
    node: number,
    span: { readonly low: number; readonly size: number },
  ): number {
    const { low, size } = span;
    if (low + size <= wanted.from || !covers(this.#maxima[node] ?? ABSENT, wanted.need)) return -1;
    if (size === 1) return low;
    const half = size / 2;
    const left = this.#search(wanted, 2 * node, { low, size: half });
    return left >= 0 ? left : this.#search(wanted, 2 * node + 1, { low: low + half, size: half });
  }

  #refresh(node: number): void {
    const right = this.#maxima[2 * node + 1] ?? ABSENT;
    this.#maxima[node] = (this.#maxima[2 * node] ?? ABSENT).map((amount, dimension) =>
      Math.max(amount, right[dimension] ?? -1),
    );
  }
}
