import type { RaftCore } from '../consensus/raft-core.ts';

/** Why a lease is over that nobody has resigned: for the log, and for who watches the lease. */
export function whyLeaseEnded(raft: Pick<RaftCore, 'failure' | 'term'> | undefined, epoch: number): string {
  if (raft?.failure !== undefined) return `this instance takes no part any more: ${raft.failure}`;
  if (raft && raft.term > epoch) return `another election has begun (term ${raft.term})`;
  return 'no majority has answered in time';
}
