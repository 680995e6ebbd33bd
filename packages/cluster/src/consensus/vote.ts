import type { LogPosition, RaftMessage } from './raft-messages.ts';
import { resetElectionTimer, type RaftParts } from './raft-parts.ts';
import { follow } from './stand-down.ts';

type VoteRequest = Extract<RaftMessage, { readonly kind: 'vote-request' }>;

/**
 * Asked for a vote, or whether there would be one. A candidate that this instance's own configuration doesn't know may
 * have the newer one, and so may one that asks a learner: only terms and logs count.
 */
export function onVoteRequest(core: RaftParts, from: string, request: VoteRequest): void {
  if (request.pre) return answerPre(core, from, request);
  if (request.term < core.term) return answer(core, from, { pre: false, granted: false });
  // Not even its term is taken on: else whoever asks too early would make the leader stand down.
  if (isBound(core, request)) return;
  if (request.term > core.term) follow(core, { term: request.term });
  const granted = isFree(core, from) && isUpToDate(core, request.last);
  if (granted && core.votedFor === undefined) {
    core.votedFor = from;
    core.outbox.storeHardState({ term: core.term, votedFor: from });
  }
  if (granted) resetElectionTimer(core);
  answer(core, from, { pre: false, granted });
}

function answerPre(core: RaftParts, from: string, request: VoteRequest): void {
  const isPossible = request.term > core.term || (request.term === core.term && isFree(core, from));
  const granted = isPossible && !isBound(core, request) && isUpToDate(core, request.last);
  if (!granted) return answer(core, from, { pre: true, granted });
  // In the term that was asked for: it is not this instance's own yet.
  core.outbox.send(from, { kind: 'vote', term: request.term, pre: true, granted });
}

function answer(
  core: RaftParts,
  to: string,
  vote: { readonly pre: boolean; readonly granted: boolean },
): void {
  core.outbox.send(to, { kind: 'vote', term: core.term, ...vote });
}

function isFree(core: RaftParts, candidate: string): boolean {
  if (core.leader !== undefined) return false;
  return core.votedFor === undefined || core.votedFor === candidate;
}

/**
 * A leader's lease lives on this: who has heard of it elects no other for the shortest election time. After a start it
 * isn't known who was heard before. When the leader itself has asked for the election, it has given up its lease.
 */
function isBound(core: RaftParts, { handedOver }: VoteRequest): boolean {
  if (handedOver) return false;
  return core.office !== undefined || core.moment.nowMs - core.heardMs < core.options.electionMinMs;
}

function isUpToDate({ log }: RaftParts, last: LogPosition): boolean {
  const own = log.last;
  return last.term > own.term || (last.term === own.term && last.index >= own.index);
}
