import { expect, test } from 'vitest';

import type { Member } from '../membership/member.ts';
import { withSilent } from './silent-voters.ts';

const member = (id: string): Member => ({
  id,
  address: { host: id, port: 1 },
  generation: 1,
  incarnation: 0,
  state: 'alive',
  meta: {},
});
const participant = (id: string) => ({ id, address: { host: id, port: 1 } });

test('a voter of whom gossip knows nothing counts as dead, at the address that the log has', () => {
  const members = [member('a'), member('b')];
  const all = withSilent(members, {
    voters: ['a', 'b', 'c'].map(participant),
    learners: [participant('d')],
  });
  expect(all.slice(0, 2)).toEqual(members);
  expect(all.slice(2)).toMatchObject([
    { id: 'c', address: { host: 'c', port: 1 }, state: 'dead' },
    { id: 'd', state: 'dead' },
  ]);
});

test('before there is a log gossip is all that is known', () => {
  expect(withSilent([member('a')], undefined)).toEqual([member('a')]);
});
