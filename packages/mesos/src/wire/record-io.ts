/** 64 MiB: an OFFERS event of thousands of agents has many MiB. */
const DEFAULT_MAX_RECORD_BYTES = 64 * 1024 * 1024;
/** What the largest 64-bit number takes; Mesos's own reader stops there, too. */
const MAX_DIGITS = 20;
/** Of a record that comes in several chunks. */
const LEAST_ROOM = 4096;
const NEWLINE = 0x0a;
const ZERO = 0x30;

/** Bytes that are no RecordIO, or a record over the maximum. Where the next record begins is unknown: the stream is lost. */
export class RecordIoError extends Error {
  override readonly name = 'RecordIoError';
}

/**
 * Takes RecordIO apart: records that each follow their length in bytes, written in decimal digits and a newline. How
 * the bytes were cut into chunks means nothing. Empty lines between records are skipped.
 *
 *     const decoder = new RecordIoDecoder();
 *     decoder.push(Buffer.from('5\nhel'));   // → []
 *     decoder.push(Buffer.from('lo2\nhi'));  // → [hello, hi]
 *
 * A record that came in one chunk is a view of that chunk, not a copy.
 */
export class RecordIoDecoder {
  readonly #maxRecordBytes: number;
  #digits = 0;
  #length = 0;
  /** What the open record lacks; undefined between records and in a header. */
  #missing: number | undefined;
  /** The open record as far as it has come: a view of its chunk, or (`#filled` bytes of) a buffer of its own. */
  #record: Buffer | undefined;
  #filled = 0;
  #error: RecordIoError | undefined;

  constructor(options: { readonly maxRecordBytes?: number } = {}) {
    this.#maxRecordBytes = options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES;
  }

  /** Set when the bytes can't be understood any more; everything after them is ignored. */
  get error(): RecordIoError | undefined {
    return this.#error;
  }

  /** A record has begun and is not complete. */
  get isWithinRecord(): boolean {
    return this.#digits > 0 || this.#missing !== undefined;
  }

  /** Records that these bytes complete. Never throws: those before a broken one are returned, then {@link error} is set. */
  push(chunk: Uint8Array): Buffer[] {
    const bytes = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const records: Buffer[] = [];
    for (let at = 0; at < bytes.length && !this.#error;) {
      at =
        this.#missing === undefined
          ? this.#readHeader(bytes, at)
          : this.#readRecord(bytes, at, this.#missing);
      if (this.#missing === 0) records.push(this.#complete());
    }
    return records;
  }

  #readHeader(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === NEWLINE) {
        if (this.#digits === 0) continue;
        this.#begin();
        return at + 1;
      }
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9) return this.#fail(bytes, describeByte(byte));
      if (++this.#digits > MAX_DIGITS)
        return this.#fail(bytes, `The length of a record has over ${MAX_DIGITS} digits`);
      this.#length = this.#length * 10 + digit;
    }
    return bytes.length;
  }

  #begin(): void {
    if (this.#length > this.#maxRecordBytes) {
      this.#error = new RecordIoError(
        `A record of ${this.#length} bytes is over the maximum of ${this.#maxRecordBytes}: raise maxRecordBytes if the master is right`,
      );
      return;
    }
    this.#missing = this.#length;
    this.#digits = 0;
    this.#length = 0;
  }

  #readRecord(bytes: Buffer, from: number, missing: number): number {
    const piece = bytes.subarray(from, from + missing);
    if (this.#filled === 0 && piece.length === missing) this.#record = piece;
    else this.#keep(piece, missing);
    this.#filled += piece.length;
    this.#missing = missing - piece.length;
    return from + piece.length;
  }

  /**
   * In one buffer that grows with what has come: chunks may be of one byte each, and as many objects would take a
   * hundred times the record's room; and a length that was only announced must take none.
   */
  #keep(piece: Buffer, missing: number): void {
    const needed = this.#filled + piece.length;
    if (!this.#record || this.#record.length < needed) {
      const room = Math.min(this.#filled + missing, Math.max(LEAST_ROOM, 2 * needed));
      const larger = Buffer.allocUnsafeSlow(room);
      if (this.#record) larger.set(this.#record.subarray(0, this.#filled));
      this.#record = larger;
    }
    this.#record.set(piece, this.#filled);
  }

  #complete(): Buffer {
    const record = this.#record?.subarray(0, this.#filled) ?? Buffer.alloc(0);
    this.#record = undefined;
    this.#filled = 0;
    this.#missing = undefined;
    return record;
  }

  #fail(bytes: Buffer, problem: string): number {
    this.#error = new RecordIoError(`${problem}: this is no RecordIO`);
    return bytes.length;
  }
}

function describeByte(byte: number): string {
  return `The length of a record has the byte 0x${byte.toString(16).padStart(2, '0')} where a digit should be`;
}

/** One record with its length before it. Text is written as UTF-8. */
export function encodeRecord(record: string | Uint8Array): Buffer {
  const length = typeof record === 'string' ? Buffer.byteLength(record) : record.length;
  const head = `${length}\n`;
  const framed = Buffer.allocUnsafe(head.length + length);
  framed.write(head, 'latin1');
  if (typeof record === 'string') framed.write(record, head.length);
  else framed.set(record, head.length);
  return framed;
}
