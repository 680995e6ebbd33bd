/** Grown by doubling from here, so that what was there is copied once in all. */
const FIRST_CAPACITY = 4096;

/**
 * A body as it comes. Chunks are as small as the client makes them, and each costs hundreds of bytes to keep: they are gathered in
 * one piece of memory, of twice the body's length at most.
 */
export class BodyBytes {
  #bytes: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    // The only chunk of a body is it, uncopied.
    if (this.#bytes === undefined) this.#bytes = chunk;
    else {
      if (length > this.#bytes.length) this.#grow(length);
      chunk.copy(this.#bytes, this.#length);
    }
    this.#length = length;
  }

  /** All that came so far. */
  take(): Buffer {
    const bytes = this.#bytes?.subarray(0, this.#length) ?? Buffer.alloc(0);
    this.#bytes = undefined;
    this.#length = 0;
    return bytes;
  }

  #grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, length, this.#length * 2));
    this.#bytes?.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
