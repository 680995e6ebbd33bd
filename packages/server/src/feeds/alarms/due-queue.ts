interface Entry {
  readonly key: string;
  readonly dueMs: number;
}

/** A heap is cleared of what was replaced when that is more than half of it. */
const MIN_STALE = 64;

/**
 * Keys by the time at which they are due: tens of thousands, of which only the first is looked at. What is replaced or
 * removed stays in the heap until it comes up or outweighs the rest.
 */
export class DueQueue {
  #heap: Entry[] = [];
  readonly #current = new Map<string, Entry>();

  get size(): number {
    return this.#current.size;
  }

  /** When the first is due, in epoch milliseconds. */
  get firstMs(): number | undefined {
    this.#dropStale();
    return this.#heap[0]?.dueMs;
  }

  set(key: string, dueMs: number): void {
    const entry = { key, dueMs };
    this.#current.set(key, entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    if (this.#heap.length > 2 * this.#current.size + MIN_STALE) this.#rebuild();
  }

  delete(key: string): void {
    this.#current.delete(key);
  }

  clear(): void {
    this.#heap = [];
    this.#current.clear();
  }

  keys(): readonly string[] {
    return [...this.#current.keys()];
  }

  /** Takes out the first one that is due at that time. */
  take(nowMs: number): string | undefined {
    this.#dropStale();
    const first = this.#heap[0];
    if (!first || first.dueMs > nowMs) return undefined;
    this.#pop();
    this.#current.delete(first.key);
    return first.key;
  }

  #dropStale(): void {
    for (let first = this.#heap[0]; first && this.#current.get(first.key) !== first; first = this.#heap[0]) {
      this.#pop();
    }
  }

  #rebuild(): void {
    // A sorted array is a heap.
    this.#heap = [...this.#current.values()].sort((a, b) => a.dueMs - b.dueMs);
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Entry;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Entry;
      if (parent.dueMs <= entry.dueMs) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Entry;
    let at = from;
    for (let below = 2 * at + 1; below < heap.length; below = 2 * at + 1) {
      const right = heap[below + 1];
      const least = right && right.dueMs < (heap[below] as Entry).dueMs ? below + 1 : below;
      const child = heap[least] as Entry;
      if (child.dueMs >= entry.dueMs) break;
      heap[at] = child;
      at = least;
    }
    heap[at] = entry;
  }
}
