import type { Json } from '../membership/member.ts';
import type { Configuration, LogEntry, LogPosition, Snapshot } from './raft-messages.ts';

/** A snapshot leaves so many entries before it in memory: who is a little behind needs no snapshot. */
const KEPT_BEFORE_SNAPSHOT = 1024;

interface InForce {
  readonly index: number;
  readonly configuration: Configuration;
}

/** How the log is at the beginning of a life. */
export interface LogBeginning {
  /** Before any entry, where there is no snapshot. */
  readonly base: LogPosition;
  readonly configuration: Configuration;
  readonly snapshot?: Snapshot | undefined;
  readonly entries: readonly LogEntry[];
}

/** The log in memory: a position below which nothing is kept, and the entries behind it, without a gap. */
export class RaftLog {
  #base: LogPosition;
  #entries: LogEntry[] = [];
  #snapshot: Snapshot | undefined;
  /** In the order of their indices; the first one is that of the base. */
  #configurations: InForce[];
  readonly #sizes = new WeakMap<LogEntry, number>();

  constructor({ base, configuration, snapshot, entries }: LogBeginning) {
    this.#snapshot = snapshot;
    this.#base = snapshot ? { index: snapshot.index, term: snapshot.term } : base;
    this.#configurations = [
      { index: this.#base.index, configuration: snapshot?.configuration ?? configuration },
    ];
    for (const entry of entries) {
      if (entry.index === this.last.index + 1) this.append(entry);
    }
  }

  /** What is before the first entry. */
  get base(): LogPosition {
    return this.#base;
  }

  get last(): LogPosition {
    const entry = this.#entries.at(-1);
    return entry ? { index: entry.index, term: entry.term } : this.#base;
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** The newest one holds, committed or not. */
  get configuration(): Configuration {
    return this.#inForce.configuration;
  }

  /** The one before; undefined when that is not known any more. */
  get formerConfiguration(): Configuration | undefined {
    return this.#configurations.at(-2)?.configuration;
  }

  /** Of the entry that says so. */
  get configurationIndex(): number {
    return this.#inForce.index;
  }

  get #inForce(): InForce {
    const newest = this.#configurations.at(-1);
    if (!newest) throw new Error('a log has no configuration: it must have that of its base');
    return newest;
  }

  entry(index: number): LogEntry | undefined {
    return this.#entries[index - this.#base.index - 1];
  }

  /** Undefined where the log does not reach, or does not any more. */
  termAt(index: number): number | undefined {
    return index === this.#base.index ? this.#base.term : this.entry(index)?.term;
  }

  position(index: number): LogPosition | undefined {
    const term = this.termAt(index);
    return term === undefined ? undefined : { index, term };
  }

  /** The first entry of the term to which the entry at `index` belongs, as far as the log reaches. */
  firstOfTerm(index: number): number {
    const term = this.termAt(index);
    let first = index;
    while (first - 1 > this.#base.index && this.termAt(first - 1) === term) first -= 1;
    return first;
  }

  /** Entries from `from` to `through`, as many as the limits allow, but one at least. Bytes are those of JSON. */
  batch(
    { from, through }: { readonly from: number; readonly through: number },
    most: { readonly entries: number; readonly bytes: number },
  ): readonly LogEntry[] {
    const batch: LogEntry[] = [];
    let bytes = 0;
    for (let at = from; at <= through && batch.length < most.entries; at += 1) {
      const entry = this.entry(at);
      if (!entry) break;
      bytes += this.#sizeOf(entry);
      if (bytes > most.bytes && batch.length > 0) break;
      batch.push(entry);
    }
    return batch;
  }

  append(entry: LogEntry): void {
    this.#entries.push(entry);
    if (entry.kind === 'configuration') {
      this.#configurations.push({ index: entry.index, configuration: entry.configuration });
    }
  }

  truncateAfter(index: number): void {
    this.#entries.length = Math.max(0, Math.min(this.#entries.length, index - this.#base.index));
    this.#configurations = this.#configurations.filter((one, at) => at === 0 || one.index <= index);
  }

  /** The state machine as of `index` takes the place of the entries up to there; undefined when the log has no such index. */
  compact(index: number, state: Json): Snapshot | undefined {
    const at = this.position(index);
    if (!at || index <= (this.#snapshot?.index ?? 0)) return undefined;
    const configuration = this.#configurationAt(index);
    this.#snapshot = { ...at, configuration, state };
    const base = this.position(Math.max(this.#base.index, index - KEPT_BEFORE_SNAPSHOT));
    if (base) this.#moveBase(base);
    return this.#snapshot;
  }

  /** Begins anew behind a snapshot that has come from another. */
  reset(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#base = { index: snapshot.index, term: snapshot.term };
    this.#entries = [];
    this.#configurations = [{ index: snapshot.index, configuration: snapshot.configuration }];
  }

  #moveBase(base: LogPosition): void {
    const atBase = { index: base.index, configuration: this.#configurationAt(base.index) };
    this.#entries = this.#entries.slice(base.index - this.#base.index);
    this.#configurations = [atBase, ...this.#configurations.filter(({ index }) => index > base.index)];
    this.#base = base;
  }

  #configurationAt(index: number): Configuration {
    return (this.#configurations.findLast((one) => one.index <= index) ?? this.#inForce).configuration;
  }

  #sizeOf(entry: LogEntry): number {
    let size = this.#sizes.get(entry);
    if (size === undefined) this.#sizes.set(entry, (size = Buffer.byteLength(JSON.stringify(entry))));
    return size;
  }
}
