import type { Member, MemberState } from './member.ts';

/** Of two words of one incarnation the graver one counts, and a goodbye is final. */
const gravity: Readonly<Record<MemberState, number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/** Is the first newer than the second? Both are about the same member. A total order: all end up with the same word. */
export function supersedes(news: Member, known: Member): boolean {
  if (news.generation !== known.generation) return news.generation > known.generation;
  if (news.incarnation !== known.incarnation) return news.incarnation > known.incarnation;
  return gravity[news.state] > gravity[known.state];
}

/** Far more than a member counts in its life, and so far below 2⁵³ that it can be counted on from there. */
const MOST_AT_ONCE = 2 ** 32;
const MOST_EVER = 2 ** 52;

/**
 * Can its numbers be true? Both only count starts and contradictions. Whoever says one near 2⁵³ of a member would else
 * silence that for ever: it could not say a greater one, which all others would believe.
 */
export function isCredible(news: Member, known: Member | undefined): boolean {
  const { generation, incarnation } = news;
  if (!known) return generation <= MOST_EVER && incarnation <= MOST_EVER;
  const before = generation === known.generation ? known.incarnation : 0;
  return generation - known.generation <= MOST_AT_ONCE && incarnation - before <= MOST_AT_ONCE;
}

/** Suspects are alive until they are known to be dead. */
export function isLive({ state }: { readonly state: MemberState }): boolean {
  return state === 'alive' || state === 'suspect';
}
