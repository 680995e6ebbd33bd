import type { Member } from './member.ts';
import type { SwimCarry } from './swim-messages.ts';

export interface News {
  readonly member: Member;
  /** Who has found it silent; empty unless it is a suspect. */
  readonly doubters: readonly string[];
}

/** After so many for which there is no room left the rest is not tried. */
const MOST_MISSES = 4;

/** The length of a value's JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

export interface FittingNews {
  readonly carry: Pick<SwimCarry, 'news' | 'doubts'>;
  /** Of whom nothing can be told, for it would not fit even alone. */
  readonly untellable: readonly string[];
}

/** Takes of the news, in their order, what fits into `room` bytes of JSON. */
export function fitNews(news: Iterable<News>, room: number): FittingNews {
  const chosen: Member[] = [];
  const untellable: string[] = [];
  const doubts: Record<string, readonly string[]> = {};
  let left = room;
  let misses = 0;
  for (const { doubters, member } of news) {
    const bytes = jsonBytes(member) + 1 + (doubters.length > 0 ? jsonBytes([member.id, doubters]) : 0);
    if (bytes > room) {
      untellable.push(member.id);
      continue;
    }
    if (bytes > left) {
      misses += 1;
      if (misses === MOST_MISSES) break;
      continue;
    }
    left -= bytes;
    chosen.push(member);
    if (doubters.length > 0) doubts[member.id] = doubters;
  }
  const carry = { news: chosen, ...(Object.keys(doubts).length > 0 && { doubts }) };
  return { carry, untellable };
}
