import { Heap } from './heap.ts';

/**
 * Named deadlines: setting a name again moves it, so that a timer needs no handle. All in O(log n).
 *
 *     deadlines.set('heartbeat:7', nowMs + 15_000, { kind: 'heartbeat', … });
 *     for (let due = deadlines.takeDue(nowMs); due !== undefined; due = deadlines.takeDue(nowMs)) …
 */
export class Deadlines<Value> {
  readonly #heap = new Heap<Entry<Value>>((a, b) => a.atMs - b.atMs || a.order - b.order);
  readonly #current = new Map<string, Entry<Value>>();
  #order = 0;

  set(name: string, atMs: number, value: Value): void {
    const entry = { name, atMs, value, order: this.#order++ };
    this.#current.set(name, entry);
    this.#heap.push(entry);
  }

  delete(name: string): void {
    this.#current.delete(name);
  }

  has(name: string): boolean {
    return this.#current.has(name);
  }

  /** When the earliest one is due. */
  get nextMs(): number | undefined {
    return this.#peek()?.atMs;
  }

  /** Removes the earliest deadline that has passed. */
  takeDue(nowMs: number): Value | undefined {
    const entry = this.#peek();
    if (entry === undefined || entry.atMs > nowMs) return undefined;
    this.#heap.pop();
    this.#current.delete(entry.name);
    return entry.value;
  }

  /** Moved and deleted ones stay in the heap until they come to its top. */
  #peek(): Entry<Value> | undefined {
    for (let top = this.#heap.peek(); top !== undefined; top = this.#heap.peek()) {
      if (this.#current.get(top.name) === top) return top;
      this.#heap.pop();
    }
    return undefined;
  }
}

interface Entry<Value> {
  readonly name: string;
  readonly atMs: number;
  readonly value: Value;
  readonly order: number;
}
