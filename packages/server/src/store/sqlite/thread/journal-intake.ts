import type { Logger } from '../../../base/logger.ts';
import { readEntry } from '../journal/entries.ts';
import { readFrame } from '../journal/frame.ts';
import type { ActivationTables } from './activation-tables.ts';
import { JournalFold } from './journal-fold.ts';
import type { SegmentReader } from './segment-reader.ts';

/** At most so many entries are taken in one transaction, so that questions don't wait long for an answer. */
const SLICE_ENTRIES = 1000;

/** Takes the journal over into the tables, from where it stopped. */
export class JournalIntake {
  readonly #reader: SegmentReader;
  readonly #tables: ActivationTables;
  readonly #logger: Logger;
  #position: number;

  constructor(reader: SegmentReader, tables: ActivationTables, logger: Logger) {
    this.#reader = reader;
    this.#tables = tables;
    this.#logger = logger;
    this.#position = tables.state.position;
  }

  /** The journal's offset up to which everything is in the tables. */
  get position(): number {
    return this.#position;
  }

  /**
   * Takes over what an earlier process has left, and cuts what a crash left unfinished off the end. Returns the
   * offset at which new entries start.
   */
  recover(): number {
    const bases = this.#reader.bases();
    for (const [index, base] of bases.entries()) {
      const next = bases[index + 1];
      if (next !== undefined && next <= this.#position) continue;
      if (base > this.#position && this.#position > 0) {
        this.#logger.error({ from: this.#position, to: base }, 'a part of the journal is missing');
      }
      this.#position = Math.max(this.#position, base);
      this.#recoverSegment(base, next);
    }
    return this.#position;
  }

  /** Takes over everything up to `end`, which is known to be written. */
  catchUp(end: number): void {
    while (this.#position < end) this.slice(end);
  }

  /** Takes over one slice of what lies before `end`. */
  slice(end: number): void {
    if (this.#advance(end)) return;
    // The writer had written whole frames up to `end`; so the disk has lost or changed some of them since.
    this.#logger.error({ from: this.#position, to: end }, 'a part of the journal is damaged and was skipped');
    this.#skipTo(end);
  }

  /** Deletes the segments that end at or before `durable`; but the last only when `all`. */
  dropSegments(durable: number, all: boolean): void {
    const bases = this.#reader.bases();
    for (const [index, base] of bases.entries()) {
      const end = bases[index + 1] ?? (all ? base + this.#reader.size(base) : Infinity);
      if (end <= durable) this.#reader.remove(base);
    }
  }

  #recoverSegment(base: number, next: number | undefined): void {
    const size = this.#reader.size(base);
    while (this.#position < base + size && this.#advance(base + size));
    if (this.#position < base + size || size === 0) {
      const lost = base + size - this.#position;
      if (next === undefined) {
        if (lost > 0) this.#logger.warn({ bytes: lost }, 'the end of the journal was cut off in a crash');
        this.#reader.truncate(base, this.#position - base);
      } else {
        this.#logger.error({ bytes: lost }, 'a part of the journal is damaged and was skipped');
        this.#skipTo(next);
      }
    }
  }

  /** False: what stands there is no whole frame. */
  #advance(end: number): boolean {
    let bytes = this.#reader.read(this.#position, end, 0);
    const first = readFrame(bytes, 0, bytes.length);
    if (first.state === 'cut') bytes = this.#reader.read(this.#position, end, bytes.length + first.needed);
    const fold = new JournalFold();
    const taken = this.#fill(fold, bytes);
    if (taken === 0) return false;
    this.#tables.apply(fold, this.#position + taken);
    this.#position += taken;
    return true;
  }

  #fill(fold: JournalFold, bytes: Buffer): number {
    let at = 0;
    for (let count = 0; count < SLICE_ENTRIES; count++) {
      const read = readFrame(bytes, at, bytes.length);
      if (read.state !== 'whole') break;
      const { type, payloadStart, payloadEnd } = read.frame;
      const entry = readEntry(type, bytes.subarray(payloadStart, payloadEnd));
      if (entry) fold.add(entry, this.#position + at);
      at = payloadEnd;
    }
    return at;
  }

  #skipTo(offset: number): void {
    this.#tables.apply(new JournalFold(), offset);
    this.#position = offset;
  }
}
