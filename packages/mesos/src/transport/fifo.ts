/** Discarded in one go, so that taking the first of 100,000 doesn't move all others. */
const SLACK = 1024;

/** A queue whose both ends are cheap, at any length. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.#first > SLACK && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** Puts these before all others. Costs the length of the queue. */
  unshift(items: readonly T[]): void {
    this.#items = [...items, ...this.#items.slice(this.#first)];
    this.#first = 0;
  }

  /** Empties the queue and returns what was in it, in order. */
  drain(): T[] {
    const rest = this.#items.slice(this.#first) as T[];
    this.#items = [];
    this.#first = 0;
    return rest;
  }
}
