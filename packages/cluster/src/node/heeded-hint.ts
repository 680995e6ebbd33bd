import { isVoter } from '../consensus/configuration.ts';
import type { RaftStatus } from '../consensus/raft-core.ts';
import type { Json } from '../membership/member.ts';
import { hintOf, type LeaderHint } from './checked-values.ts';

/** Elections raise an epoch by one: a hint that is so far ahead is wrong, and would be above all true ones for ever. */
const MOST_AHEAD = 2 ** 32;

interface HintSituation {
  readonly self: string;
  readonly raft: { status(): RaftStatus } | undefined;
  readonly known: { readonly leader: { readonly epoch: number } | undefined };
}

/**
 * Of what gossip says about the leader only what this instance can't know better: who takes part, and has a leader, hears
 * from that one itself. So a wrong or recorded hint leads nobody astray who takes part, and others until they do.
 */
export function heededHint(value: Json, { known, raft, self }: HintSituation): LeaderHint | undefined {
  const hint = hintOf(value);
  const status = raft?.status();
  if (!hint || !status || (status.leader !== undefined && takesPart(status, self))) return undefined;
  const isNewer = hint.epoch > Math.max(status.term, known.leader?.epoch ?? 0);
  return isNewer && hint.epoch - status.term <= MOST_AHEAD ? hint : undefined;
}

function takesPart({ configuration }: RaftStatus, self: string): boolean {
  return isVoter(configuration, self) || configuration.learners.some(({ id }) => id === self);
}
