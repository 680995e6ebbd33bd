/** Bytes as they come from a socket, taken in the lengths that a reader wants. */
export class ByteQueue {
  #pieces: Buffer[] = [];
  #bytes = 0;

  get length(): number {
    return this.#bytes;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** Undefined: there are fewer. */
  take(bytes: number): Buffer | undefined {
    if (bytes > this.#bytes) return undefined;
    let first = this.#pieces[0] ?? Buffer.alloc(0);
    // Joined once for all that it holds: joining at each piece that comes would copy a large frame again and again.
    if (first.length < bytes) {
      first = Buffer.concat(this.#pieces);
      this.#pieces = [first];
    }
    this.#bytes -= bytes;
    const rest = first.subarray(bytes);
    if (rest.length > 0) this.#pieces[0] = rest;
    else this.#pieces.shift();
    return first.subarray(0, bytes);
  }
}
