import { expect, test } from 'vitest';
import { cpuShares } from './container-spec.ts';

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
