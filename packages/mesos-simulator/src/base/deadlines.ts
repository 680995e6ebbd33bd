import { Heap } from './heap.ts';

/**
 * Named deadlines: setting a name again moves it, so that a timer needs no handle. All in O(log n).
 *
 *     deadlines.set('heartbeat:7', nowMs + 15_000, { kind: 'heartbeat', … });
 *     for (let due = deadlines.takeDue(nowMs); due !== undefined; due = deadlines.takeDue(nowMs)) …
 */
export class Deadlines<Value> {
  readonly #heap = new Heap<Entry<Value>>();
  readonly #current = new Map<string, Entry<Value>>();

  set(name: string, atMs: number, value: Value): void {
    const entry = { name, value };
    this.#current.set(name, entry);
    this.#heap.push(atMs, entry);
  }

  delete(name: string): void {
    this.#current.delete(name);
  }

  has(name: string): boolean {
    return this.#current.has(name);
  }

  /** When the earliest one is due. */
  get nextMs(): number | undefined {
    this.#dropStale();
    return this.#heap.size === 0 ? undefined : this.#heap.topKey;
  }

  /** Removes the earliest deadline that has passed. */
  takeDue(nowMs: number): Value | undefined {
    this.#dropStale();
    if (this.#heap.topKey > nowMs) return undefined;
    const entry = this.#heap.pop();
    if (entry !== undefined) this.#current.delete(entry.name);
    return entry?.value;
  }

  /** Moved and deleted ones stay in the heap until they come to its top. */
  #dropStale(): void {
    for (let top = this.#heap.peek(); top !== undefined; top = this.#heap.peek()) {
      if (this.#current.get(top.name) === top) return;
      this.#heap.pop();
    }
  }
}

interface Entry<Value> {
  readonly name: string;
  readonly value: Value;
}
