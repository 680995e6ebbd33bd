import { createCipheriv, createDecipheriv } from 'node:crypto';

import { ByteQueue } from './byte-queue.ts';

const LENGTH_BYTES = 4;
const TAG_BYTES = 16;

/**
 * Seals one direction of a connection: length of what follows (4 bytes, big-endian), ciphertext, tag. The nonce is the
 * number of the frame, which isn't sent: a frame that is repeated, left out or moved does not open.
 */
export class FrameSealer {
  readonly #key: Buffer;
  #frames = 0;

  constructor(key: Buffer) {
    this.#key = key;
  }

  seal(plain: Buffer): Buffer {
    const length = lengthField(plain.length + TAG_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonceOf(this.#frames++));
    cipher.setAAD(length);
    return Buffer.concat([length, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Opens what a {@link FrameSealer} with the same key has sealed, in whatever pieces it comes. */
export class FrameOpener {
  readonly #key: Buffer;
  readonly #queue: ByteQueue;
  #maxBytes: number;
  #frames = 0;
  #length: Buffer | undefined;
  #isBroken = false;

  /** `maxBytes`: of a frame's content. `queue` may hold bytes already. */
  constructor(key: Buffer, { queue, maxBytes }: { readonly queue: ByteQueue; readonly maxBytes: number }) {
    this.#key = key;
    this.#queue = queue;
    this.#maxBytes = maxBytes;
  }

  /** A frame was forged, repeated or too long: nothing is opened any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  set maxBytes(bytes: number) {
    this.#maxBytes = bytes;
  }

  /** The content of the next frame; undefined: it has not come whole, or `isBroken`. */
  next(): Buffer | undefined {
    if (this.#isBroken) return undefined;
    this.#length ??= this.#queue.take(LENGTH_BYTES);
    if (!this.#length) return undefined;
    const length = this.#length.readUInt32BE();
    if (length < TAG_BYTES || length - TAG_BYTES > this.#maxBytes) return this.#break();
    const sealed = this.#queue.take(length);
    if (!sealed) return undefined;
    const plain = this.#open(this.#length, sealed);
    this.#length = undefined;
    return plain ?? this.#break();
  }

  #open(length: Buffer, sealed: Buffer): Buffer | undefined {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonceOf(this.#frames++), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(length);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
    try {
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }

  #break(): undefined {
    this.#isBroken = true;
    return undefined;
  }
}

function lengthField(length: number): Buffer {
  const field = Buffer.alloc(LENGTH_BYTES);
  field.writeUInt32BE(length);
  return field;
}

function nonceOf(frame: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(frame), 4);
  return nonce;
}
