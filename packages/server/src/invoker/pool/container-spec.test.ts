import { expect, test } from 'vitest';
import { cpuShares, firstFreeCount } from './container-spec.ts';

test.each([
  [256, 1024, 256],
  [512, 1024, 512],
  [1024, 1024, 1024],
  [2048, 1024, 1024],
  [128, 1_048_576, 2],
  [300, 1024, 341],
])('%i of %i MB weigh %i', (memoryMb, userMemoryMb, shares) => {
  expect(cpuShares(memoryMb, userMemoryMb)).toBe(shares);
});

test.each([
  [[], 0],
  [['wsk0_7_guest_hello', 'wsk0_12_prewarm_nodejs20', 'wsk0_3_a_b'], 13],
  [['somebody elses'], 0],
])('after the names %j counting goes on at %i', (names, count) => {
  expect(firstFreeCount(names)).toBe(count);
});
