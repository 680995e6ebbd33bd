import { describe, expect, test } from 'vitest';

import type { RaftStatus } from '../consensus/raft-core.ts';
import { heededHint } from './heeded-hint.ts';

const address = { host: '10.0.0.1', port: 7946 };
const configuration = { voters: [{ id: 'a', address }], learners: [{ id: 'b', address }] };
const status: RaftStatus = {
  role: 'follower',
  term: 7,
  leader: 'l',
  first: 1,
  last: 0,
  committed: 0,
  applied: 0,
  configuration,
  matched: new Map(),
  answering: new Set(),
};
const { leader: _, ...leaderless } = status;
const hint = (epoch: number) => ({ leader: 'x', epoch });
const heeds = (self: string, raft: RaftStatus | undefined, epoch: number, known?: { epoch: number }) =>
  heededHint(hint(epoch), { self, raft: raft && { status: () => raft }, known: { leader: known } }) !==
  undefined;

describe('a hint that somebody leads', () => {
  test.each(['a', 'b'])(
    'is not heeded by %s, who takes part and has a leader, whatever its epoch',
    (self) => {
      for (const epoch of [8, 7, 2 ** 53 - 1]) expect(heeds(self, status, epoch)).toBe(false);
    },
  );

  test('helps whoever takes part and has none, and who does not take part', () => {
    expect(heeds('a', leaderless, 8)).toBe(true);
    expect(heeds('outside', status, 8)).toBe(true);
    expect(heeds('outside', undefined, 8)).toBe(false);
  });

  test('is not heeded when it is older than what is known, as one that was recorded', () => {
    expect(heeds('a', leaderless, 7)).toBe(false);
    expect(heeds('outside', status, 9, { epoch: 9 })).toBe(false);
    expect(heeds('outside', status, 10, { epoch: 9 })).toBe(true);
  });

  test('is not heeded when nobody could have led so often, or when it is none', () => {
    for (const epoch of [2 ** 40, 2 ** 53 - 1, 2 ** 60, 8.5, -1, Infinity])
      expect(heeds('outside', status, epoch), String(epoch)).toBe(false);
    expect(
      heededHint('x', { self: 'a', raft: { status: () => leaderless }, known: { leader: undefined } }),
    ).toBeUndefined();
  });
});
