import type { HardState, LogEntry, RaftEffect, RaftMessage, Snapshot } from './raft-messages.ts';

interface Write {
  hardState?: HardState;
  truncateAfter?: number;
  append?: LogEntry[];
  snapshot?: Snapshot;
}

/**
 * The effects of a step, and what of them is on disk. One write is under way at a time; what comes meanwhile gathers in
 * the next one. No message leaves before the term in which it is said, and the vote, are on disk.
 */
export class RaftOutbox {
  #effects: RaftEffect[] = [];
  #held: Extract<RaftEffect, { readonly type: 'send' }>[] = [];
  #next: Write | undefined;
  /** `last`: up to where the log in memory is on disk when it ends. */
  #underWay: { readonly write: number; last: number } | undefined;
  #lastWrite = 0;
  /** The write that brings the newest term and vote to disk. */
  #hardStateWrite = 0;
  #stable: number;
  #term: number;
  #isShut = false;

  constructor({ stable, term }: { readonly stable: number; readonly term: number }) {
    this.#stable = stable;
    this.#term = term;
  }

  /** Up to this index the log in memory is on disk. */
  get stable(): number {
    return this.#stable;
  }

  /** The term and the vote are on disk. */
  get isPromiseKept(): boolean {
    const done = this.#underWay ? this.#underWay.write - 1 : this.#lastWrite;
    return this.#hardStateWrite <= done;
  }

  push(effect: RaftEffect): void {
    this.#effects.push(effect);
  }

  send(to: string, message: RaftMessage): void {
    (this.isPromiseKept ? this.#effects : this.#held).push({ type: 'send', to, message });
  }

  storeHardState(hardState: HardState): void {
    // Nobody waits for what was to be said in a former term.
    if (hardState.term > this.#term) this.#held = [];
    this.#term = hardState.term;
    this.#write().hardState = hardState;
    this.#hardStateWrite = this.#lastWrite + 1;
  }

  storeEntry(entry: LogEntry): void {
    const write = this.#write();
    (write.append ??= []).push(entry);
  }

  storeTruncation(index: number): void {
    const write = this.#write();
    write.truncateAfter = Math.min(write.truncateAfter ?? Infinity, index);
    if (write.append) write.append = write.append.filter((entry) => entry.index <= index);
    this.#unstable(index);
  }

  /** Of the own state machine: the log behind it stays. */
  storeSnapshot(snapshot: Snapshot): void {
    const write = this.#write();
    write.snapshot = snapshot;
    if (write.append) write.append = write.append.filter((entry) => entry.index > snapshot.index);
  }

  /** In place of the whole log; up to `committed` the old one was the same. */
  storeForeignSnapshot(snapshot: Snapshot, committed: number): void {
    const write = this.#write();
    write.snapshot = snapshot;
    write.truncateAfter = snapshot.index;
    delete write.append;
    this.#unstable(committed);
  }

  /** A write has ended well; releases what waited for it. False: that one is not under way. */
  persisted(write: number): boolean {
    if (this.#underWay?.write !== write) return false;
    this.#stable = Math.max(this.#stable, this.#underWay.last);
    this.#underWay = undefined;
    if (this.isPromiseKept) {
      this.#effects.push(...this.#held);
      this.#held = [];
    }
    return true;
  }

  /** Nothing is written or sent any more. */
  shut(): void {
    this.#isShut = true;
    this.#held = [];
    this.#next = undefined;
    this.#effects = this.#effects.filter(({ type }) => type !== 'send');
  }

  /** What the step has led to; `last` is the last index of the log. */
  drain(last: number): readonly RaftEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    if (this.#isShut) return effects.filter(({ type }) => type !== 'send');
    if (this.#next && !this.#underWay) {
      this.#lastWrite += 1;
      this.#underWay = { write: this.#lastWrite, last };
      const { append, ...rest } = this.#next;
      const entries = append && append.length > 0 ? { append } : {};
      effects.push({ type: 'persist', write: this.#lastWrite, ...rest, ...entries });
      this.#next = undefined;
    }
    return effects;
  }

  #write(): Write {
    return (this.#next ??= {});
  }

  #unstable(after: number): void {
    this.#stable = Math.min(this.#stable, after);
    if (this.#underWay) this.#underWay.last = Math.min(this.#underWay.last, after);
  }
}
