import type { StorageChange, StoredConsensus } from '../../src/storage/consensus-storage.ts';
import type { Dice } from './dice.ts';
import type { EventQueue } from './event-queue.ts';

/** What an instance has on its disk. Writes take a while; a crash loses those under way, or keeps some of them. */
export class SimDisk {
  #stored: StoredConsensus;
  #waiting: { readonly change: StorageChange; readonly done: (error?: Error) => void }[] = [];
  slowestMs = 4;
  isFull = false;

  constructor(id: string) {
    this.#stored = { identity: { id, generation: 0 }, hardState: { term: 0 }, entries: [] };
  }

  get id(): string {
    return this.#stored.identity.id;
  }

  /** The voters of the last two configurations that this instance may go by; none before it knows of a cluster. */
  configurations(): readonly (readonly string[])[] {
    const { entries, foundation, snapshot } = this.#stored;
    if (!foundation) return [];
    const written = this.#waiting.flatMap(({ change }) => change.append ?? []);
    const configurations = [
      foundation.voters,
      ...(snapshot ? [snapshot.configuration.voters] : []),
      ...[...entries, ...written].flatMap((entry) =>
        entry.kind === 'configuration' ? [entry.configuration.voters] : [],
      ),
    ];
    return configurations.slice(-2).map((voters) => voters.map(({ id }) => id));
  }

  load(): StoredConsensus {
    const { identity } = this.#stored;
    this.#stored = { ...this.#stored, identity: { ...identity, generation: identity.generation + 1 } };
    return this.#stored;
  }

  write(change: StorageChange, at: { queue: EventQueue; dice: Dice }, done: (error?: Error) => void): void {
    const waiting = { change: structuredClone(change), done };
    this.#waiting.push(waiting);
    at.queue.after(at.dice.between(0.1, this.slowestMs), () => this.#flush(waiting));
  }

  /** Of what was under way a beginning may be there. */
  crash(dice: Dice): void {
    const kept = dice.whole(0, this.#waiting.length);
    for (const { change } of this.#waiting.slice(0, kept)) if (!this.isFull) this.#apply(change);
    this.#waiting = [];
  }

  /** In order: one that is done takes all before it along. */
  #flush(last: { readonly change: StorageChange; readonly done: (error?: Error) => void }): void {
    const count = this.#waiting.indexOf(last) + 1;
    for (const { change, done } of this.#waiting.splice(0, count)) {
      if (!this.isFull) this.#apply(change);
      done(this.isFull ? new Error('no space left on device') : undefined);
    }
  }

  #apply({ append, foundation, hardState, promise, snapshot, truncateAfter }: StorageChange): void {
    let entries = [...this.#stored.entries];
    if (truncateAfter !== undefined) entries = entries.filter(({ index }) => index <= truncateAfter);
    if (append) entries.push(...append);
    if (snapshot) entries = entries.filter(({ index }) => index > snapshot.index);
    this.#stored = {
      ...this.#stored,
      entries,
      ...(foundation && { foundation }),
      ...(hardState && { hardState }),
      ...(promise && { promise }),
      ...(snapshot && { snapshot }),
    };
  }
}
