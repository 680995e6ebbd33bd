import { planVoters } from '../consensus/plan-voters.ts';
import type { RaftStatus } from '../consensus/raft-core.ts';
import type { Member } from '../membership/member.ts';
import { voterTarget } from './words.ts';

/** More voters than this make writes slower and nothing safer. */
export const MOST_VOTERS = 5;
/** A learner that is no further behind than this, and answers, is fit to vote: gossip learns late of who has died. */
const CAUGHT_UP_WITHIN = 64;

export interface VoterSituation {
  readonly self: string;
  readonly status: RaftStatus;
  readonly members: readonly Member[];
  readonly gone: ReadonlySet<string>;
  readonly instances: number | undefined;
}

/** What the leader does next for those who take part. */
export function planOf({
  gone,
  instances,
  members,
  self,
  status,
}: VoterSituation): ReturnType<typeof planVoters> {
  const alive = members
    .filter(({ state }) => state === 'alive')
    .map(({ address, id }) => [id, { id, address }] as const);
  const caughtUp = [...status.matched].filter(
    ([id, at]) => at >= status.committed - CAUGHT_UP_WITHIN && status.answering.has(id),
  );
  return planVoters({
    configuration: status.configuration,
    target: voterTarget(instances, MOST_VOTERS),
    self,
    alive: new Map(alive),
    answering: status.answering,
    leaving: new Set(members.filter(({ meta }) => meta['leaving'] === true).map(({ id }) => id)),
    gone,
    caughtUp: new Set([self, ...caughtUp.map(([id]) => id)]),
  });
}
