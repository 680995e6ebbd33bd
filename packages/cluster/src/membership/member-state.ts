import type { Member, MemberState } from './member.ts';

/** Of two words of one incarnation the graver one counts, and a goodbye is final. */
const gravity: Readonly<Record<MemberState, number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/** Is the first newer than the second? Both are about the same member. A total order: all end up with the same word. */
export function supersedes(news: Member, known: Member): boolean {
  if (news.generation !== known.generation) return news.generation > known.generation;
  if (news.incarnation !== known.incarnation) return news.incarnation > known.incarnation;
  return gravity[news.state] > gravity[known.state];
}

/** Suspects are alive until they are known to be dead. */
export function isLive({ state }: { readonly state: MemberState }): boolean {
  return state === 'alive' || state === 'suspect';
}
