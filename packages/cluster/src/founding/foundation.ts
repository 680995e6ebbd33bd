import type { Participant } from '../consensus/raft-messages.ts';

/** How a cluster began: decided once, by a majority of the instances that were to be. */
export interface Foundation {
  readonly clusterId: string;
  /** The first voters. */
  readonly voters: readonly Participant[];
  /** The first term is the next one: higher than any epoch that was ever seen of a former cluster of this name. */
  readonly epochFloor: number;
}
