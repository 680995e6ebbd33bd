import type { Amounts } from './resource-amounts.ts';

/** How many numbers {@link Amounts} are. */
const WIDTH = 5;

/**
 * Finds the first row, in a fixed order, that has enough of everything. A tree of maxima: of ten thousand rows some
 * dozens are looked at.
 */
export class FitIndex {
  readonly #leaves: number;
  /**
   * A heap: node 1 is the root, node n has the maxima of its children 2n and 2n + 1, leaves are the rows. What pads
   * the leaves has less than nothing, so that a need of nothing doesn't find it.
   */
  readonly #maxima: Float64Array;

  constructor(rows: readonly Amounts[]) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, rows.length)));
    this.#maxima = new Float64Array(2 * this.#leaves * WIDTH).fill(-1);
    for (const [row, amounts] of rows.entries()) this.#maxima.set(amounts, (this.#leaves + row) * WIDTH);
    for (let node = this.#leaves - 1; node > 0; node--) this.#refresh(node);
  }

  /** A row has other amounts now. */
  set(row: number, amounts: Amounts): void {
    let node = this.#leaves + row;
    this.#maxima.set(amounts, node * WIDTH);
    for (node >>= 1; node > 0 && this.#refresh(node); node >>= 1);
  }

  /** The first row from `from` on that covers the need; -1: none. */
  firstFit(from: number, need: Amounts): number {
    if (from >= this.#leaves) return -1;
    let node = this.#leaves + from;
    for (;;) {
      if (this.#covers(node, need)) {
        if (node >= this.#leaves) return node - this.#leaves;
        node *= 2;
      } else {
        // On to the next subtree: beside this one, or beside the one that this one ends.
        while (node % 2 === 1) node >>= 1;
        if (node === 0) return -1;
        node += 1;
      }
    }
  }

  #covers(node: number, need: Amounts): boolean {
    for (let dimension = 0; dimension < WIDTH; dimension++) {
      if ((this.#maxima[node * WIDTH + dimension] ?? -1) < (need[dimension] ?? 0)) return false;
    }
    return true;
  }

  /** False: nothing has changed. */
  #refresh(node: number): boolean {
    let isChanged = false;
    for (let dimension = 0; dimension < WIDTH; dimension++) {
      const left = this.#maxima[2 * node * WIDTH + dimension] ?? -1;
      const right = this.#maxima[(2 * node + 1) * WIDTH + dimension] ?? -1;
      const most = Math.max(left, right);
      if (this.#maxima[node * WIDTH + dimension] === most) continue;
      this.#maxima[node * WIDTH + dimension] = most;
      isChanged = true;
    }
    return isChanged;
  }
}
