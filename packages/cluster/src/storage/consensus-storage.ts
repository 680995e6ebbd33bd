import type { HardState, LogEntry, Snapshot } from '../consensus/raft-messages.ts';
import type { Foundation } from '../founding/foundation.ts';

/**
 * What an instance must not forget: who it is, to which cluster it belongs, its term and vote, and the log. One that has
 * none of it (no data directory, an empty disk) is a new member with a new id, so that it can't vote twice.
 *
 *     const storage = await FileStorage.open('/var/lib/my-framework/cluster', { name: 'my-framework' });
 *     const { identity, foundation, hardState, entries } = await storage.load();
 */
export interface ConsensusStorage {
  /**
   * Once, at the beginning. The generation that it gives is higher than all before it, and is on disk. Rejects with a
   * `StorageError` where what there is can't be read: beginning empty would forget a vote.
   */
  load(): Promise<StoredConsensus>;
  /** Atomic and durable when it resolves; writes take effect in the order of the calls. After a failure none succeeds. */
  write(change: StorageChange): Promise<void>;
  /** Waits for the writes under way; idempotent. */
  close(): Promise<void>;
}

export interface Identity {
  readonly id: string;
  readonly generation: number;
}

export interface StoredConsensus {
  readonly identity: Identity;
  readonly foundation?: Foundation;
  readonly promise?: FoundingPromise;
  readonly hardState: HardState;
  readonly snapshot?: Snapshot;
  /** Those behind the snapshot. */
  readonly entries: readonly LogEntry[];
}

/** What was promised and accepted while the cluster was being founded. */
export interface FoundingPromise {
  readonly ballot: string;
  readonly accepted?: { readonly ballot: string; readonly foundation: Foundation };
}

export interface StorageChange {
  readonly foundation?: Foundation;
  readonly promise?: FoundingPromise;
  readonly hardState?: HardState;
  /** Removes the entries behind this index, before `append`. */
  readonly truncateAfter?: number;
  readonly append?: readonly LogEntry[];
  /** Replaces the entries up to its index; those behind it stay unless `truncateAfter` says otherwise. */
  readonly snapshot?: Snapshot;
}
