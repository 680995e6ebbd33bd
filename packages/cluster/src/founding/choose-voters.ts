import type { Participant } from '../consensus/raft-messages.ts';

/**
 * The first voters: those who have answered, cut to an odd number of at most `maxVoters`; of two both, since one alone would
 * be lost with its disk. Who has promised goes first: a majority of the voters is known to have written to its disk.
 */
export function chooseVoters(
  present: readonly Participant[],
  hasPromised: (id: string) => boolean,
  maxVoters: number,
): readonly Participant[] {
  const most = Math.min(present.length, maxVoters);
  const count = most > 2 && most % 2 === 0 ? most - 1 : most;
  const order = ({ id: a }: Participant, { id: b }: Participant) =>
    Number(hasPromised(b)) - Number(hasPromised(a)) || (a < b ? -1 : 1);
  return present
    .toSorted(order)
    .slice(0, count)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
