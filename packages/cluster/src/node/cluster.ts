import type { LeaderLease } from '../lease/leader-lease.ts';
import type { ReplicatedMap } from '../map/replicated-map.ts';
import type { Member } from '../membership/member.ts';
import type { ClusterView } from './cluster-view.ts';

/**
 * An instance among others: who is there, who leads, and what all of them share.
 *
 *     const cluster = await ClusterNode.open({ name: 'my-framework', secrets, listen, seeds, instances: 3 });
 *     cluster.lease.watch(({ kind, epoch }) => …);
 *     await cluster.map.write({ put: { greeting: 'hello' } });
 *     await cluster.leave();
 */
export interface Cluster {
  readonly id: string;
  readonly lease: LeaderLease;
  readonly map: ReplicatedMap;
  /** All that gossip knows of, this instance included. */
  members(): readonly Member[];
  view(): ClusterView;
  /** Told of each change of members, leader, problems; `line` is one for the log. */
  watch(listener: (change: ClusterChange) => void): () => void;
  /**
   * Goes in peace: hands over leadership and vote, says goodbye. Resolves when another voter has taken its place or
   * `withinMs` (default 10,000) has passed, and everything is closed.
   */
  leave(options?: { readonly withinMs?: number }): Promise<void>;
  /** Ends at once: a leader's last word is who may stand for its office; else it is a crash to the others. Idempotent. */
  close(): Promise<void>;
}

export interface ClusterChange {
  readonly kind: 'member' | 'leader' | 'problem' | 'configuration' | 'founded';
  readonly line: string;
}
