import type { LogEntry } from '../../src/consensus/raft-messages.ts';
import type { StorageChange, StoredConsensus } from '../../src/storage/consensus-storage.ts';
import type { Dice } from './dice.ts';
import type { EventQueue } from './event-queue.ts';

interface Write {
  readonly change: StorageChange;
  readonly done: (error?: Error) => void;
}

/** What an instance has on its disk. Writes take a while; the end of the process loses those under way, or keeps some of them. */
export class SimDisk {
  #stored: Omit<StoredConsensus, 'entries'>;
  #entries: LogEntry[] = [];
  #waiting: Write[] = [];
  slowestMs = 4;
  isFull = false;

  constructor(id: string) {
    this.#stored = { identity: { id, generation: 0 }, hardState: { term: 0 } };
  }

  get id(): string {
    return this.#stored.identity.id;
  }

  /**
   * The voters of all configurations that this instance may come to go by: of what it doesn't know to be committed the last
   * one may be taken back. None before it knows of a cluster.
   */
  configurations(committed: number | undefined): readonly (readonly string[])[] {
    const { foundation, snapshot } = this.#stored;
    if (!foundation) return [];
    const written = this.#waiting.flatMap(({ change }) => change.append ?? []);
    const all = [
      { index: 0, voters: foundation.voters },
      ...(snapshot ? [{ index: snapshot.index, voters: snapshot.configuration.voters }] : []),
      ...[...this.#entries, ...written].flatMap((entry) =>
        entry.kind === 'configuration' ? [{ index: entry.index, voters: entry.configuration.voters }] : [],
      ),
    ];
    const firstOpen = committed === undefined ? -2 : all.findLastIndex(({ index }) => index <= committed);
    return all.slice(firstOpen).map(({ voters }) => voters.map(({ id }) => id));
  }

  load(): StoredConsensus {
    const { identity } = this.#stored;
    this.#stored = { ...this.#stored, identity: { ...identity, generation: identity.generation + 1 } };
    return structuredClone({ ...this.#stored, entries: this.#entries });
  }

  write(change: StorageChange, at: { queue: EventQueue; dice: Dice }, done: (error?: Error) => void): void {
    const waiting = { change: { ...change, ...(change.append && { append: [...change.append] }) }, done };
    this.#waiting.push(waiting);
    at.queue.after(at.dice.between(0.1, this.slowestMs), () => this.#flush(waiting));
  }

  /** The process is over: of what was under way a beginning may be there. */
  end(dice: Dice): void {
    const kept = dice.whole(0, this.#waiting.length);
    for (const { change } of this.#waiting.slice(0, kept)) if (!this.isFull) this.#apply(change);
    this.#waiting = [];
  }

  /** In order: one that is done takes all before it along. */
  #flush(last: Write): void {
    const count = this.#waiting.indexOf(last) + 1;
    for (const { change, done } of this.#waiting.splice(0, count)) {
      if (!this.isFull) this.#apply(change);
      done(this.isFull ? new Error('no space left on device') : undefined);
    }
  }

  #apply({ append, foundation, hardState, promise, snapshot, truncateAfter }: StorageChange): void {
    if (truncateAfter !== undefined) this.#keep(({ index }) => index <= truncateAfter);
    if (append) this.#entries.push(...append);
    if (snapshot) this.#keep(({ index }) => index > snapshot.index);
    this.#stored = {
      ...this.#stored,
      ...(foundation && { foundation }),
      ...(hardState && { hardState }),
      ...(promise && { promise }),
      ...(snapshot && { snapshot }),
    };
  }

  #keep(which: (entry: LogEntry) => boolean): void {
    this.#entries = this.#entries.filter(which);
  }
}
