import { expect, it } from 'vitest';
import { HeldBack } from './held-back.ts';

const MINUTE = 60_000;

it('a namespace that has spent its minute waits for the next, one alarm behind the other', () => {
  const held = new HeldBack();
  expect(held.turnOf('greedy', 10)).toBeUndefined();
  held.hold('greedy', 10);
  const turns = [11, 5000, MINUTE - 1].map((nowMs) => held.turnOf('greedy', nowMs) ?? 0);
  expect(turns.every((turn) => turn >= MINUTE && turn < MINUTE + 1)).toBe(true);
  expect(turns).toEqual(turns.toSorted((a, b) => a - b));
  expect(new Set(turns).size).toBe(3);
  expect(held.turnOf('other', 11)).toBeUndefined();
  expect(held.turnOf('greedy', MINUTE)).toBeUndefined();
});

it('a clock that is set back makes nobody wait for longer than a minute', () => {
  const held = new HeldBack();
  held.hold('greedy', 100 * MINUTE);
  expect(held.turnOf('greedy', 3 * MINUTE)).toBeUndefined();
});
