import type { Launch, Placed } from '../../offers/placement.ts';
import type { Deadline } from './deadline-heap.ts';
import type { Submission } from './live-task.ts';

/** One agent's launches of a round, between the decision and the ACCEPT. */
export interface StoredLaunch {
  readonly launch: Launch;
  readonly placed: readonly { readonly submission: Submission; readonly at: Placed }[];
  /** Of its offers, those that are no longer. */
  readonly rescinded: Set<string>;
}

/** A round's launches whose records are being written. They count only for the subscription that they were made for. */
export interface LaunchBatch {
  readonly write: number;
  readonly connection: number;
  readonly launches: readonly StoredLaunch[];
  /** When the store has had its time: tasks and offers wait no longer for it. */
  readonly deadline: Deadline<unknown>;
}
