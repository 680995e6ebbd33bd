import type { Member } from './member.ts';
import type { SwimCarry } from './swim-messages.ts';

export interface News {
  readonly member: Member;
  /** Who has found it silent; empty unless it is a suspect. */
  readonly doubters: readonly string[];
}

/** After so many that are too long the rest is not tried. */
const MOST_MISSES = 4;

/** The length of a value's JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Takes of the news, in their order, what fits into `room` bytes of JSON. */
export function fitNews(news: Iterable<News>, room: number): Pick<SwimCarry, 'news' | 'doubts'> {
  const chosen: Member[] = [];
  const doubts: Record<string, readonly string[]> = {};
  let left = room;
  let misses = 0;
  for (const { doubters, member } of news) {
    const bytes = jsonBytes(member) + 1 + (doubters.length > 0 ? jsonBytes([member.id, doubters]) : 0);
    if (bytes > left) {
      misses += 1;
      if (misses === MOST_MISSES) break;
      continue;
    }
    left -= bytes;
    chosen.push(member);
    if (doubters.length > 0) doubts[member.id] = doubters;
  }
  return { news: chosen, ...(Object.keys(doubts).length > 0 && { doubts }) };
}
