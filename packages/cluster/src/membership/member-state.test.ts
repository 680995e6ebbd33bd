import { expect, test } from 'vitest';

import type { Member, MemberState } from './member.ts';
import { supersedes } from './member-state.ts';

const states: readonly MemberState[] = ['alive', 'suspect', 'dead', 'left'];
const words: readonly Member[] = [1, 2].flatMap((generation) =>
  [0, 1].flatMap((incarnation) =>
    states.map((state) => ({
      id: 'a',
      address: { host: 'a', port: 1 },
      generation,
      incarnation,
      state,
      meta: {},
    })),
  ),
);

test('of two words about a member one is newer, and all agree on which: by generation, incarnation, gravity', () => {
  for (const [at, one] of words.entries())
    for (const [place, other] of words.entries()) expect(supersedes(one, other)).toBe(at > place);
});
