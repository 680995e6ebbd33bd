const COMPACT_FROM = 1024;

/** First in, first out, in constant time each: an array whose emptied front is cut off now and then. */
export class MessageQueue<M> {
  #items: (M | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: M): void {
    this.#items.push(item);
  }

  shift(): M | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    // The slot must not keep a message alive that has long been delivered.
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) this.#reset();
    else if (this.#head >= COMPACT_FROM && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Everything, in order; the queue is empty afterwards. */
  drain(): M[] {
    const rest = this.#items.slice(this.#head) as M[];
    this.#reset();
    return rest;
  }

  #reset(): void {
    this.#items = [];
    this.#head = 0;
  }
}
