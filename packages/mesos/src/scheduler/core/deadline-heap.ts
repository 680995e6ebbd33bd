/** A moment at which something falls due. Whoever made it keeps it, to cancel it. */
export interface Deadline<T> {
  readonly atMs: number;
  readonly about: T;
  /** Its place in the heap; -1: not in it. */
  place: number;
}

/**
 * Deadlines in the order in which they fall due: setting and cancelling one costs the logarithm of their
 * number, so that each of 100,000 tasks can have its own.
 */
export class DeadlineHeap<T> {
  readonly #heap: Deadline<T>[] = [];

  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  add(atMs: number, about: T): Deadline<T> {
    const deadline: Deadline<T> = { atMs, about, place: this.#heap.length };
    this.#heap.push(deadline);
    this.#rise(deadline);
    return deadline;
  }

  /** Twice does nothing. */
  cancel(deadline: Deadline<unknown>): void {
    const { place } = deadline;
    if (place < 0) return;
    deadline.place = -1;
    const last = this.#heap.pop();
    if (!last || last === deadline) return;
    this.#heap[place] = last;
    last.place = place;
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes the first one that is due. */
  take(nowMs: number): T | undefined {
    const first = this.#heap[0];
    if (!first || first.atMs > nowMs) return undefined;
    this.cancel(first);
    return first.about;
  }

  clear(): void {
    for (const deadline of this.#heap) deadline.place = -1;
    this.#heap.length = 0;
  }

  #rise(deadline: Deadline<T>): void {
    while (deadline.place > 0) {
      const above = this.#heap[(deadline.place - 1) >> 1];
      if (!above || above.atMs <= deadline.atMs) return;
      this.#swap(above, deadline);
    }
  }

  #sink(deadline: Deadline<T>): void {
    for (;;) {
      const left = this.#heap[2 * deadline.place + 1];
      const right = this.#heap[2 * deadline.place + 2];
      const least = left && right && right.atMs < left.atMs ? right : left;
      if (!least || least.atMs >= deadline.atMs) return;
      this.#swap(deadline, least);
    }
  }

  /** `above` goes down to the place of `below`. */
  #swap(above: Deadline<T>, below: Deadline<T>): void {
    const place = above.place;
    above.place = below.place;
    below.place = place;
    this.#heap[above.place] = above;
    this.#heap[below.place] = below;
  }
}
