import { FRAME_HEAD_BYTES, sealFrame } from './frame.ts';

const INITIAL_BYTES = 128 * 1024;
/** A buffer that one great entry has blown up beyond this is given back. */
const KEPT_BYTES = 1024 * 1024;
/** Up to here the worst case (3 bytes a character) is cheaper to reserve than the exact length is to count. */
const GUESS_UP_TO = 16 * 1024;

/**
 * Frames under construction: begin one, append texts and bytes, end it. Nothing of a frame stays when it is begun
 * and never ended.
 */
export class BatchBuffer {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  /** End of the last whole frame. */
  #length = 0;
  #at = 0;

  get length(): number {
    return this.#length;
  }

  /** The whole frames; valid until the next change. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  begin(): void {
    this.#at = this.#length;
    this.#reserve(FRAME_HEAD_BYTES);
    this.#at += FRAME_HEAD_BYTES;
  }

  end(type: number): void {
    sealFrame(this.#buffer, type, { start: this.#length, end: this.#at });
    this.#length = this.#at;
  }

  /** 32 hexadecimal digits become 16 bytes. Throws for another text. */
  id(hex: string): void {
    this.#reserve(16);
    if (hex.length !== 32 || this.#buffer.write(hex, this.#at, 'hex') !== 16) {
      throw new TypeError(`not an activation id: ${hex}`);
    }
    this.#at += 16;
  }

  text(text: string): void {
    this.#reserve(text.length <= GUESS_UP_TO ? text.length * 3 : Buffer.byteLength(text));
    this.#at += this.#buffer.write(text, this.#at);
  }

  /** A text with its length in bytes before it. */
  sizedText(text: string): void {
    this.#reserve(4);
    const sizeAt = this.#at;
    this.#at += 4;
    this.text(text);
    this.#buffer.writeUInt32LE(this.#at - sizeAt - 4, sizeAt);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  clear(): void {
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}
