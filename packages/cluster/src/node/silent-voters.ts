import type { Configuration } from '../consensus/raft-messages.ts';
import type { Member } from '../membership/member.ts';

/**
 * All that gossip knows, and those whom only the log knows: they take part, and nobody has heard of them since this
 * instance began. Gossip forgets with a restart who was dead, and a vote that nobody casts must not last for ever.
 */
export function withSilent(
  members: readonly Member[],
  configuration: Configuration | undefined,
): readonly Member[] {
  if (!configuration) return members;
  const known = new Set(members.map(({ id }) => id));
  const silent = [...configuration.voters, ...configuration.learners]
    .filter(({ id }) => !known.has(id))
    .map(
      ({ address, id }) => ({ id, address, generation: 0, incarnation: 0, state: 'dead', meta: {} }) as const,
    );
  return silent.length === 0 ? members : [...members, ...silent];
}
