import { expect, test } from 'vitest';

import { MasterRound } from './master-round.ts';

const [a, b, c] = ['http://a:5050', 'http://b:5050', 'http://c:5050'] as const;

test('each master of the list is asked once, in order, though it is listed twice', () => {
  const round = new MasterRound([a, b, a], 3);
  expect([round.next(), round.next(), round.next()]).toEqual([a, b, undefined]);
});

test('a redirect is followed, to a master of the list or not (#9)', () => {
  const round = new MasterRound([a], 3);
  round.next();
  expect(round.follow(c)).toEqual({ master: c });
});

test('a master that redirects to itself is not asked again (#9)', () => {
  const round = new MasterRound([a], 3);
  round.next();
  expect(round.follow(a)).toEqual({ problem: 'it redirects to itself' });
});

test('redirects in a circle end where they close (#9)', () => {
  const round = new MasterRound([a], 9);
  round.next();
  round.follow(b);
  round.follow(c);
  expect(round.follow(a)).toEqual({ problem: `it redirects in a circle, to ${a}` });
});

test('a chain of redirects is followed up to its limit (#9)', () => {
  const round = new MasterRound([a], 2);
  round.next();
  expect(round.follow('http://1:1')).toEqual({ master: 'http://1:1' });
  expect(round.follow('http://2:1')).toEqual({ master: 'http://2:1' });
  expect(round.follow('http://3:1')).toEqual({ problem: 'more than 2 redirects' });
});

test('a leader that was found dead is not asked again in this round, whoever redirects to it (O9)', () => {
  const round = new MasterRound([a, b, c], 3);
  round.next();
  round.follow(c);
  round.failed('unreachable', 'refused');
  expect(round.next()).toBe(b);
  expect(round.follow(c)).toEqual({ problem: `it redirects to ${c}, which does not answer` });
  round.failed('unready', 'it redirects to a dead leader');
  expect(round.next()).toBeUndefined();
});

test('what was wrong with each is kept', () => {
  const round = new MasterRound([a, b], 3);
  round.next();
  round.failed('unreachable', 'refused');
  round.next();
  round.failed('unready', 'HTTP status 503');
  expect(round.problems).toBe(`${a}: refused; ${b}: HTTP status 503`);
});

test('an address that the problem names already is not told twice', () => {
  const round = new MasterRound([a], 3);
  round.next();
  round.failed('unreachable', `Nothing listens at ${a}: does the master run?`);
  expect(round.problems).toBe(`Nothing listens at ${a}: does the master run?`);
});

test('no Mesos is what only says so; a master that is away or busy leaves hope', () => {
  const judge = (...faults: Parameters<MasterRound['failed']>[0][]) => {
    const round = new MasterRound([a], 3);
    round.next();
    for (const fault of faults) round.failed(fault, '');
    return round.isAlien;
  };
  expect(judge()).toBe('no');
  expect(judge('alien', 'alien')).toBe('yes');
  expect(judge('alien', 'perhaps-alien')).toBe('perhaps');
  expect(judge('alien', 'unreachable')).toBe('no');
  expect(judge('perhaps-alien', 'unready')).toBe('no');
});
