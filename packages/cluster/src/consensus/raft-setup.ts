import type { RandomSource } from '../base/random.ts';
import type { HardState, LogEntry, Participant, Snapshot } from './raft-messages.ts';

/** All in milliseconds. */
export interface RaftOptions {
  /** From the leader to each participant. */
  readonly heartbeatMs: number;
  /** Without a word of the leader for a random time between these, a voter stands for election. */
  readonly electionMinMs: number;
  readonly electionMaxMs: number;
  /** From the moment at which a heartbeat was sent that a majority has answered; less than `electionMinMs` by the drift of clocks. */
  readonly leaseMs: number;
}

export interface RaftSetup {
  /** Its own id, which lies beside what is stored. */
  readonly self: string;
  readonly options: RaftOptions;
  readonly random: RandomSource;
  /** Who votes until the log says otherwise; the first term is the one after `epochFloor`. */
  readonly foundation: { readonly voters: readonly Participant[]; readonly epochFloor: number };
  readonly stored: {
    readonly hardState: HardState;
    readonly snapshot?: Snapshot;
    readonly entries: readonly LogEntry[];
  };
}
