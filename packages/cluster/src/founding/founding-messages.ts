import type { Address } from '../membership/member.ts';
import type { FoundingPromise, StorageChange } from '../storage/consensus-storage.ts';
import type { Foundation } from './foundation.ts';

/**
 * How instances that know nothing agree on one foundation: a single decision after Paxos, in which a majority is one of
 * the number of instances that there are to be. Ballots compare as texts.
 */
export type FoundingMessage =
  /** Who are you? Asked of every seed. */
  | { readonly kind: 'hello' }
  | {
      readonly kind: 'here';
      readonly address: Address;
      /** Of the cluster it belongs to: whoever has none joins it. */
      readonly foundation?: Foundation;
      readonly instances: number;
    }
  | { readonly kind: 'prepare'; readonly ballot: string }
  | { readonly kind: 'promised'; readonly ballot: string; readonly accepted?: FoundingPromise['accepted'] }
  | { readonly kind: 'accept'; readonly ballot: string; readonly foundation: Foundation }
  | { readonly kind: 'accepted'; readonly ballot: string }
  /** To a lower ballot. */
  | { readonly kind: 'refused'; readonly ballot: string; readonly promised: string };

export type FoundingInput =
  /** Once, first. */
  | { readonly type: 'start' }
  /** What the seed source has listed this time; `instances` where it knows how many there are to be. */
  | {
      readonly type: 'seeds';
      readonly seeds: readonly Address[];
      readonly instances?: number;
      /** The source counts: these seeds are all the instances that it knows at the moment. */
      readonly isCounted?: boolean;
    }
  | { readonly type: 'no-seeds'; readonly error: Error }
  | {
      readonly type: 'received';
      readonly from: string;
      readonly address: Address;
      readonly message: FoundingMessage;
    }
  | { readonly type: 'epoch-floor'; readonly floor: number }
  | { readonly type: 'persisted'; readonly write: number; readonly error?: Error }
  | { readonly type: 'tick' };

export type FoundingEffect =
  | { readonly type: 'send'; readonly to: Address; readonly message: FoundingMessage }
  | { readonly type: 'persist'; readonly write: number; readonly change: StorageChange }
  /** Whoever proposes must know which epochs there have been; answered by `epoch-floor`. */
  | { readonly type: 'ask-epoch-floor' }
  /** The one and last word; it is on disk. `joined`: others have founded it. */
  | { readonly type: 'founded'; readonly foundation: Foundation; readonly joined: boolean }
  /** For `cluster status`: why there is no cluster yet. A sentence that says what is missing, and how to mend it. */
  | { readonly type: 'waiting'; readonly problem: Problem };

/** Something that an operator should mend. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly mend: string;
}

export type ProblemCode =
  | 'NO_SEEDS'
  | 'SEEDS_UNREACHABLE'
  | 'ONLY_SELF'
  | 'TOO_FEW_INSTANCES'
  | 'UNSTABLE_SEEDS'
  | 'EPOCH_UNKNOWN'
  | 'WRONG_SECRET'
  | 'INSTANCES_DIFFER'
  | 'OTHER_CLUSTER'
  | 'OTHER_VERSION'
  | 'EVEN_COUNT'
  | 'NO_QUORUM'
  | 'STORAGE_FAILED'
  | 'CLOCKS_APART';
