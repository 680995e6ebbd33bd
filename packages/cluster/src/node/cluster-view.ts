import type { Problem } from '../founding/founding-messages.ts';
import type { MemberMeta, MemberState } from '../membership/member.ts';

/** What an operator sees of the cluster from one instance: JSON. Addresses are texts, times epoch milliseconds. */
export interface ClusterView {
  readonly name: string;
  /** Undefined before it was founded or joined. */
  readonly clusterId?: string;
  readonly standing: ClusterStanding;
  /** What keeps it from being well, the gravest first. */
  readonly problems: readonly Problem[];
  readonly self: { readonly id: string; readonly address: string; readonly version?: string };
  readonly instances: number;
  readonly leader?: LeaderView;
  readonly members: readonly MemberView[];
  readonly log: LogView;
  /** The newest last; at most 20. */
  readonly changes: readonly LeaderChange[];
  readonly refusedPackets: number;
}

/** `founding`: not enough instances have met yet. `leaderless`: a majority is missing or an election is under way. */
export type ClusterStanding = 'founding' | 'joining' | 'leading' | 'following' | 'leaderless' | 'closed';

export interface LeaderView {
  readonly id: string;
  readonly address: string;
  readonly epoch: number;
  /** When this instance learned of it. */
  readonly since: number;
  /** On the leader itself: for how long its lease is good without another heartbeat. */
  readonly leaseMs?: number;
}

export interface MemberView {
  readonly id: string;
  readonly address: string;
  readonly state: MemberState;
  readonly role: 'voter' | 'learner' | 'outside';
  readonly isLeader: boolean;
  readonly isSelf: boolean;
  readonly meta: MemberMeta;
  readonly since: number;
  /** As the leader knows it: the last index that it has on disk. */
  readonly matched?: number;
}

export interface LogView {
  readonly first: number;
  readonly last: number;
  readonly committed: number;
  readonly applied: number;
  readonly term: number;
}

/** `tookMs`: from the last sign of the former leader to the new one's lease. */
export interface LeaderChange {
  readonly epoch: number;
  readonly leader: string;
  readonly former?: string;
  readonly at: number;
  readonly tookMs?: number;
}
