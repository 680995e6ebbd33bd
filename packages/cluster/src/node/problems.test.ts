import { expect, test } from 'vitest';

import { SeedError } from '../discovery/seed-error.ts';
import { Problems } from './problems.ts';
import { timingOf } from './timing.ts';

const situation = { raft: undefined, instances: 3, members: [], leader: undefined };
const moment = (nowMs: number) => ({ nowMs, epochMs: 1e12 + nowMs });

test('when the own clock is wrong it is told once, though it differs from that of every other member', () => {
  const problems = new Problems(timingOf());
  const told: string[] = [];
  for (let nowMs = 0; nowMs < 50_000; nowMs += 100) {
    problems.clock(moment(nowMs), { id: nowMs % 200 === 0 ? 'a' : 'b', at: 0 });
    if (problems.isDue(moment(nowMs)))
      told.push(...problems.review(moment(nowMs), situation).map(({ message }) => message));
  }
  expect(told).toHaveLength(1);
  expect(problems.list()).toMatchObject([{ code: 'CLOCKS_APART' }]);
});

test('an instance of another version is named as long as it says what this one does not know', () => {
  const problems = new Problems(timingOf());
  problems.refused(moment(0), { from: { host: 'x', port: 1 }, why: 'other-version', count: 7 });
  expect(problems.review(moment(0), situation)).toMatchObject([
    { code: 'OTHER_VERSION', message: expect.stringContaining('x:1') },
  ]);
  expect(problems.refusedPackets).toBe(7);
  expect(problems.review(moment(61_000), situation)).toEqual([]);
  expect(problems.list()).toEqual([]);
});

test('the gravest problem stands first, whichever came first', () => {
  const problems = new Problems(timingOf());
  const from = { host: 'x', port: 1 };
  problems.refused(moment(0), { from, why: 'other-version' });
  problems.refused(moment(0), { from, why: 'forged' });
  problems.failed('ENOSPC');
  const codes = problems.list().map(({ code }) => code);
  expect(codes).toEqual(['STORAGE_FAILED', 'WRONG_SECRET', 'OTHER_VERSION']);
});

test('another one that has the same problem is told of when the first has had none for a minute', () => {
  const problems = new Problems(timingOf());
  const sign = (nowMs: number, port: number) =>
    problems.refused(moment(nowMs), { from: { host: 'x', port }, why: 'forged' });
  sign(0, 1);
  sign(59_000, 2);
  expect(problems.review(moment(59_000), situation)).toMatchObject([
    { message: expect.stringContaining('x:1 sends') },
  ]);
  sign(61_000, 2);
  expect(problems.review(moment(61_000), situation)).toMatchObject([
    { message: expect.stringContaining('x:2 sends') },
  ]);
});

test('how to mend a seed source that fails is said once', () => {
  const problems = new Problems(timingOf());
  problems.seedsFailed(
    new SeedError('SEEDS_UNREACHABLE', { what: "Marathon can't be reached.", mend: 'Check its URL.' }),
  );
  expect(problems.list()).toEqual([
    { code: 'SEEDS_UNREACHABLE', message: "Marathon can't be reached.", mend: 'Check its URL.' },
  ]);
  problems.seedsFailed(new Error('no idea'));
  expect(problems.list()).toMatchObject([{ message: 'no idea', mend: 'Look at the seed source.' }]);
});

test('a highest epoch that nobody can be asked for is a problem until it is known', () => {
  const problems = new Problems(timingOf());
  problems.epochFloorFailed(new Error('No master answers.'));
  problems.waiting(undefined);
  expect(problems.list()).toMatchObject([
    { code: 'EPOCH_UNKNOWN', message: expect.stringContaining('known: No master answers.') },
  ]);
  problems.epochFloorFailed(undefined);
  expect(problems.list()).toEqual([]);
});

test('packets that have waited while an instance was stopped say nothing of the clocks', () => {
  const problems = new Problems(timingOf());
  problems.clock(moment(60_000), { id: 'a', at: moment(0).epochMs });
  problems.clock(moment(60_001), { id: 'a', at: moment(30).epochMs });
  problems.clock(moment(60_002), { id: 'a', at: moment(60_000).epochMs });
  problems.clock(moment(90_000), { id: 'a', at: moment(0).epochMs });
  expect(problems.list()).toEqual([]);
});

test('without a leader it is told who is missing, or that nobody is', () => {
  const address = { host: 'x', port: 1 };
  const voters = ['a', 'b', 'c'].map((id) => ({ id, address }));
  const raft = {
    role: 'follower',
    term: 1,
    first: 1,
    last: 0,
    committed: 0,
    applied: 0,
    configuration: { voters, learners: [] },
    matched: new Map<string, number>(),
    answering: new Set<string>(),
  } as const;
  const told = (alive: readonly string[]) => {
    const problems = new Problems(timingOf());
    const members = alive.map(
      (id) => ({ id, address, generation: 1, incarnation: 0, state: 'alive', meta: {} }) as const,
    );
    const now = { ...situation, raft, members };
    problems.review(moment(0), now);
    return problems.review(moment(60_000), now);
  };
  expect(told(['a'])).toMatchObject([{ message: expect.stringContaining('missing: b at x:1, c at x:1') }]);
  const [problem] = told(['a', 'b']);
  expect(problem?.message).toContain('2 of 3 voters can be reached');
  expect(problem?.mend).not.toContain('Start the missing');
});
