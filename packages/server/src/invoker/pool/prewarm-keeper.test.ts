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
    },
    [cell],
  );
  const lose = (container: number) => {
    alive.splice(alive.indexOf(container), 1);
    keeper.lost(key, container);
  };
  const take = (container: number) => {
    alive.splice(alive.indexOf(container), 1);
    keeper.taken(key, container);
  };
  return { clock, keeper, alive, state, lose, take };
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
