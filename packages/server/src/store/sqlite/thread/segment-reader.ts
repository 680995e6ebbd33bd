import fs from 'node:fs';
import { join } from 'node:path';

import { segmentBases, segmentName } from '../journal/segment-names.ts';

/** What is read at once; a greater frame grows the buffer for as long as it needs. */
const CHUNK_BYTES = 1024 * 1024;

/** Reads the journal by its offset, across segments. Synchronous: it lives in the store thread. */
export class SegmentReader {
  readonly #directory: string;
  #fd: number | undefined;
  #base = 0;
  #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The bases of all segments, ascending. */
  bases(): number[] {
    return segmentBases(fs.readdirSync(this.#directory));
  }

  /** The journal's offset of the segment that is being read. */
  get base(): number {
    return this.#base;
  }

  /** Bytes of the segment that starts at `base`. */
  size(base: number): number {
    return fs.statSync(this.#path(base)).size;
  }

  /**
   * Reads from `offset` up to `end`, at least `wanted` bytes if there are as many in the segment. Goes on to the
   * next segment when the current one ends at `offset`. The bytes are valid until the next read.
   */
  read(offset: number, end: number, wanted: number): Buffer {
    const size = Math.max(wanted, CHUNK_BYTES);
    if (this.#buffer.length !== size) this.#buffer = Buffer.allocUnsafeSlow(size);
    if (this.#fd === undefined || offset < this.#base) this.#open(this.#baseOf(offset));
    const length = Math.min(size, end - offset);
    let count = fs.readSync(this.#fd!, this.#buffer, 0, length, offset - this.#base);
    if (count === 0 && length > 0 && offset > this.#base && fs.existsSync(this.#path(offset))) {
      this.#open(offset);
      count = fs.readSync(this.#fd!, this.#buffer, 0, length, 0);
    }
    return this.#buffer.subarray(0, count);
  }

  truncate(base: number, length: number): void {
    if (length === 0) this.remove(base);
    else fs.truncateSync(this.#path(base), length);
  }

  remove(base: number): void {
    if (base === this.#base) this.close();
    fs.rmSync(this.#path(base));
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(base: number): void {
    this.close();
    this.#fd = fs.openSync(this.#path(base), 'r');
    this.#base = base;
  }

  #baseOf(offset: number): number {
    const base = this.bases().findLast((candidate) => candidate <= offset);
    if (base === undefined) throw new Error(`no segment of the journal holds offset ${offset}`);
    return base;
  }

  #path(base: number): string {
    return join(this.#directory, segmentName(base));
  }
}
