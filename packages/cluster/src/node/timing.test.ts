import { expect, test } from 'vitest';

import { timingOf } from './timing.ts';

test.each([
  [{ leaseMs: 1900 }, 'another could lead before it ends'],
  [{ electionMaxMs: 2100 }, 'would stand for election at the same time'],
  [{ heartbeatMs: 900 }, 'one lost packet would end the lease'],
  [{ probeTimeoutMs: 500 }, 'must be less than timing.probeMs'],
  [{ probeMs: 0 }, 'timing.probeMs is 0'],
  [{ leaseMs: Number.NaN }, 'timing.leaseMs is NaN'],
])('times that would do harm together are refused: %j', (given, words) => {
  expect(() => timingOf(given)).toThrow(words);
});

test.each(['default', 'fast'] as const)('the preset %s keeps its own rules', (preset) => {
  expect(timingOf(timingOf(preset))).toEqual(timingOf(preset));
});
