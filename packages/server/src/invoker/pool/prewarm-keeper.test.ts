import { ManualClock } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { PrewarmKeeper } from './prewarm-keeper.ts';
import type { Cell } from './prewarm.ts';

const key = 'nodejs:20/256';
const reactive = { minCount: 1, maxCount: 3, ttlMs: 1000, threshold: 1, increment: 1 };
const cell: Cell = { key, kind: 'nodejs:20', memoryMb: 256, initialCount: 2, reactive };

function openKeeper() {
  const clock = new ManualClock();
  const alive: number[] = [];
  const told: string[] = [];
  const state = { count: 0, hasMemory: true };
  const keeper = PrewarmKeeper.open<number>(
    {
      clock,
      random: () => 0.5,
      checkMs: 10_000,
      varianceMs: 1000,
      expirationLimit: 100,
      create: () => {
        if (!state.hasMemory) return undefined;
        alive.push(state.count);
        return state.count++;
      },
      remove: (container) => void alive.splice(alive.indexOf(container), 1),
      countColdStart: () => {},
      countExpired: () => {},
      tellFailure: (_cell, { why, failures }) => told.push(`${why} × ${failures}`),
    },
    [cell],
  );
  const lose = (container: number) => {
    alive.splice(alive.indexOf(container), 1);
    keeper.lost(key, container, 'it broke');
  };
  const take = (container: number) => {
    alive.splice(alive.indexOf(container), 1);
    keeper.taken(key, container);
  };
  return { clock, keeper, alive, told, state, lose, take };
}

test('the initial ones are made at start, and one that is taken is replaced in a moment', () => {
  const { keeper, alive, take, clock } = openKeeper();
  keeper.start();
  expect(alive).toEqual([0, 1]);
  take(0);
  expect(alive).toEqual([1]);
  clock.advanceSync(25);
  expect(alive).toEqual([1, 2]);
});

test('those of an earlier life count, up to what the cell may have at most', () => {
  const { keeper, alive, clock } = openKeeper();
  expect(keeper.wants('nodejs:20/512')).toBe(false);
  for (let found = 100; keeper.wants(key); found++) {
    alive.push(found);
    keeper.adopt(key, found);
  }
  keeper.start();
  expect(alive).toEqual([100, 101, 102]);
  clock.advanceSync(10_000);
  expect(alive).toEqual([102]);
});

test('nobody used them: the check lets the surplus expire', () => {
  const { keeper, alive, clock } = openKeeper();
  keeper.start();
  clock.advanceSync(10_000);
  expect(alive).toEqual([1]);
});

test('cold starts since the last check make more of them', () => {
  const { keeper, alive, clock } = openKeeper();
  keeper.start();
  for (let start = 0; start < 5; start++) keeper.coldStarted(key);
  clock.advanceSync(10_000);
  expect(alive).toHaveLength(3);
});

test('a runtime that never starts is not tried without end', () => {
  const { keeper, alive, state, lose } = openKeeper();
  keeper.start();
  for (let round = 0; round < 50 && alive.length > 0; round++) lose(alive[0] as number);
  expect(alive).toEqual([]);
  expect(state.count).toBeLessThan(10);
});

test('what memory did not allow is made up for later', () => {
  const { keeper, alive, state } = openKeeper();
  state.hasMemory = false;
  keeper.start();
  expect(alive).toEqual([]);
  state.hasMemory = true;
  keeper.refill();
  expect(alive).toHaveLength(1);
});

test('a closed keeper makes no more', () => {
  const { keeper, clock, alive, take } = openKeeper();
  keeper.start();
  keeper.close();
  take(0);
  clock.advanceSync(100_000);
  expect(alive).toEqual([1]);
});

test('one that dies after it has lived well is replaced at once', () => {
  const { keeper, alive, clock, lose, told } = openKeeper();
  keeper.start();
  keeper.started(key, 1);
  clock.advanceSync(10_000);
  expect(alive).toEqual([1]);
  lose(1);
  expect(alive).toEqual([2]);
  expect(told).toEqual([]);
});

test('failed starts are tried again after 1 s, 2 s and so on to a minute; a success begins anew', () => {
  const { keeper, alive, clock, lose, state } = openKeeper();
  const pauses: number[] = [];
  keeper.start();
  const failAll = () => {
    while (alive.length > 0) lose(alive[0] as number);
  };
  for (let round = 0; round < 9; round++) {
    failAll();
    const made = state.count;
    let seconds = 0;
    for (; state.count === made; seconds++) clock.advanceSync(1000);
    pauses.push(seconds);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  keeper.started(key, alive[0] as number);
  clock.advanceSync(10_000);
  failAll();
  clock.advanceSync(1000);
  expect(alive).not.toEqual([]);
});

test('both come back after an agent was lost on which both were', () => {
  const { keeper, alive, clock, lose } = openKeeper();
  keeper.start();
  lose(0);
  lose(1);
  clock.advanceSync(1000);
  expect(alive).toEqual([2, 3]);
});

test('why there are none is told first, and then once a minute', () => {
  const { keeper, alive, clock, told, lose } = openKeeper();
  keeper.start();
  for (let second = 0; second < 64; second++) {
    while (alive.length > 0) lose(alive[0] as number);
    clock.advanceSync(1000);
  }
  expect(told).toEqual(['it broke × 1', expect.stringMatching(/^it broke × \d\d?$/)]);
});
