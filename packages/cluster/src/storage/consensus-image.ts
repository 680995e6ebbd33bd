import type { HardState, LogEntry, Snapshot } from '../consensus/raft-messages.ts';
import type { Foundation } from '../founding/foundation.ts';
import type { FoundingPromise, Identity, StorageChange, StoredConsensus } from './consensus-storage.ts';
import { StorageError } from './storage-error.ts';

/** What the changes so far amount to. */
export class ConsensusImage {
  #foundation: Foundation | undefined;
  #promise: FoundingPromise | undefined;
  #hardState: HardState = { term: 0 };
  #snapshot: Snapshot | undefined;
  /** One index after the other, from the one behind the snapshot on. */
  #entries: LogEntry[] = [];

  /** All of it or nothing. Throws {@link StorageError} `STORAGE_GAP`. */
  apply(change: StorageChange): void {
    const { append = [], foundation, hardState, promise, snapshot, truncateAfter } = change;
    const base = this.#snapshot?.index ?? 0;
    const kept = Math.min(this.#entries.length, Math.max(0, (truncateAfter ?? Infinity) - base));
    this.#checkGaps(kept, change);
    this.#entries.length = kept;
    for (const entry of append) this.#entries.push(entry);
    if (snapshot) {
      this.#entries = this.#entries.filter(({ index }) => index > snapshot.index);
      this.#snapshot = snapshot;
    }
    if (foundation) this.#foundation = foundation;
    if (promise) this.#promise = promise;
    if (hardState) this.#hardState = hardState;
  }

  stored(identity: Identity): StoredConsensus {
    return {
      identity,
      hardState: this.#hardState,
      entries: [...this.#entries],
      ...(this.#foundation && { foundation: this.#foundation }),
      ...(this.#promise && { promise: this.#promise }),
      ...(this.#snapshot && { snapshot: this.#snapshot }),
    };
  }

  /** Changes that lead from nothing to here; entries come in pieces, so that no record gets too large. */
  *changes(entriesEach: number): Generator<StorageChange> {
    yield {
      hardState: this.#hardState,
      ...(this.#foundation && { foundation: this.#foundation }),
      ...(this.#promise && { promise: this.#promise }),
      ...(this.#snapshot && { snapshot: this.#snapshot }),
    };
    for (let from = 0; from < this.#entries.length; from += entriesEach) {
      yield { append: this.#entries.slice(from, from + entriesEach) };
    }
  }

  #checkGaps(kept: number, { append = [], snapshot }: StorageChange): void {
    let last = (this.#snapshot?.index ?? 0) + kept;
    const first = append[0]?.index;
    // Behind a snapshot that goes further the log begins anew; entries that it covers may come with it.
    if (first !== undefined && snapshot && snapshot.index >= last && first <= snapshot.index + 1)
      last = first - 1;
    for (const { index } of append) {
      if (index !== last + 1) throw gap(index, last);
      last = index;
    }
  }
}

function gap(index: number, last: number): StorageError {
  return new StorageError('STORAGE_GAP', {
    what: `Entry ${index} does not follow the last one of the log, ${last}.`,
    mend: 'This is a defect of the cluster package: please report it.',
  });
}
