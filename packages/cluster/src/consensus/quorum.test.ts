import { expect, test } from 'vitest';
import { reachedByMajority } from './quorum.ts';

test.each<[number[], number]>([
  [[7], 7],
  [[7, 3], 3],
  [[7, 3, 5], 5],
  [[7, 3, 5, 6], 5],
  [[1, 9, 9, 1, 2], 2],
  [[], -Infinity],
])('of %j a majority has reached %d', (values, reached) => {
  expect(reachedByMajority(values)).toBe(reached);
});
