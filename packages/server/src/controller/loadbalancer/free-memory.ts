/** Below every real value, also that of an invoker on which much was forced. */
const UNUSABLE = -2_147_483_648;

/** The least of all usable values: `firstWith(from, ANY_USABLE, …)` finds any usable invoker. */
export const ANY_USABLE = UNUSABLE + 1;

/**
 * Free memory (MB) of every invoker in a tree of maxima: changing one and finding the next that has enough both cost
 * the logarithm of their number.
 */
export class FreeMemory {
  #leaves = 1;
  /** Node 1 is the root; the children of `n` are `2n` and `2n + 1`; the leaves are the invokers. */
  #tree = new Int32Array(2).fill(UNUSABLE);

  /** Makes room for `count` invokers; new ones are unusable. */
  grow(count: number): void {
    if (count <= this.#leaves) return;
    let leaves = this.#leaves;
    while (leaves < count) leaves *= 2;
    const tree = new Int32Array(leaves * 2).fill(UNUSABLE);
    tree.set(this.#tree.subarray(this.#leaves), leaves);
    this.#leaves = leaves;
    this.#tree = tree;
    for (let node = leaves - 1; node >= 1; node--) this.#refresh(node);
  }

  set(invoker: number, freeMb: number): void {
    const tree = this.#tree;
    let node = this.#leaves + invoker;
    tree[node] = freeMb;
    for (node >>= 1; node >= 1; node >>= 1) this.#refresh(node);
  }

  disable(invoker: number): void {
    this.set(invoker, UNUSABLE);
  }

  get(invoker: number): number {
    return this.#tree[this.#leaves + invoker] ?? UNUSABLE;
  }

  usable(invoker: number): boolean {
    return this.get(invoker) !== UNUSABLE;
  }

  /** The first invoker at or after `from` and before `to` that has at least `needMb` free; -1 when none has. */
  firstWith(from: number, needMb: number, to: number): number {
    let node = this.#leaves + from;
    while (this.#at(node) < needMb) {
      // On to the next subtree at the right: out of all whose right half this is, then over.
      while ((node & 1) === 1) {
        const onRightEdge = (node & (node + 1)) === 0;
        if (onRightEdge) return -1;
        node >>= 1;
      }
      node += 1;
    }
    while (node < this.#leaves) {
      node *= 2;
      if (this.#at(node) < needMb) node += 1;
    }
    const found = node - this.#leaves;
    return found < to ? found : -1;
  }

  #at(node: number): number {
    return this.#tree[node] ?? UNUSABLE;
  }

  #refresh(node: number): void {
    this.#tree[node] = Math.max(this.#at(node * 2), this.#at(node * 2 + 1));
  }
}
