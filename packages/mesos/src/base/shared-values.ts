import { isSameJson } from './same-json.ts';

/** How many values are known at a time; then it begins anew, and what it has given out stays as it is. */
const CAPACITY = 20_000;

/**
 * Gives equal values (JSON) one object between them, so that a hundred thousand tasks of a few kinds on thousands of
 * agents fit into memory. What it gives belongs to many, and is frozen.
 */
export class SharedValues {
  readonly #known = new Map<string, unknown>();
  /** Often the next one is the same. */
  #last: unknown;

  of<T extends object | string>(value: T): T {
    if (isSameJson(this.#last, value)) return this.#last as T;
    return (this.#last = this.#find(value));
  }

  #find<T extends object | string>(value: T): T {
    const key = JSON.stringify(value);
    const known = this.#known.get(key);
    // The same text, so the same shape.
    if (known !== undefined) return known as T;
    if (this.#known.size >= CAPACITY) this.#known.clear();
    this.#known.set(key, freeze(value));
    return value;
  }
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
