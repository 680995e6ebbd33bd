import type { Json } from '../membership/member.ts';
import type { MapChange, Versioned } from './map-messages.ts';

/**
 * A small map that all instances share: what was written is held by a majority, and each write takes effect as a whole.
 * Meant for thousands of small values, not for data.
 *
 *     const { version } = await map.write({ if: [{ key: 'a', version: 0 }], put: { a: 1 } });
 *     const now = await map.read('jobs/');            // with everything that was written before the call
 *     const stop = map.watch('jobs/', (change) => …); // from now on, in the order of the log
 */
export interface ReplicatedMap {
  /** As this instance knows it: perhaps not the newest. */
  get(key: string): Versioned | undefined;
  entries(prefix: string): ReadonlyMap<string, Versioned>;
  /**
   * All keys with the prefix, with every write that had resolved before the call, wherever. Rejects with a
   * `ClusterError`: NO_LEADER when nobody leads for so long (`withinMs`, default 10,000), CLOSED.
   */
  read(prefix: string, options?: WaitOptions): Promise<ReadonlyMap<string, Versioned>>;
  /**
   * Resolves when a majority holds it on disk and this instance knows it. Rejects with a `ConflictError`, or a
   * `ClusterError`: EPOCH_OVER, NO_LEADER (nothing was written), OUTCOME_UNKNOWN, INVALID_CHANGE, CLOSED.
   */
  write(change: MapChange, options?: WaitOptions): Promise<{ readonly version: number }>;
  /** Called in the order of the log, after the change can be read here. Returns what ends it. */
  watch(prefix: string, listener: (changed: MapChanged) => void): () => void;
}

export interface WaitOptions {
  readonly withinMs?: number;
}

/** `values`: the new ones; `removed`: keys that are gone. `reset`: this instance was so far behind that it got a snapshot: read anew. */
export interface MapChanged {
  readonly version: number;
  readonly values: ReadonlyMap<string, Json>;
  readonly removed: readonly string[];
  readonly reset: boolean;
}
