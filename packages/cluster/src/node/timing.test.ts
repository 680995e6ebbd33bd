import { expect, test } from 'vitest';

import { timingOf } from './timing.ts';

test.each([
  [{ leaseMs: 1900 }, 'another could lead before it ends'],
  [{ electionMaxMs: 2100 }, 'would stand for election at the same time'],
  [{ heartbeatMs: 900 }, 'one lost packet would end the lease'],
  [{ probeTimeoutMs: 500 }, 'must be less than timing.probeMs'],
  [{ probeMs: 0 }, 'timing.probeMs is 0'],
  [{ leaseMs: Number.NaN }, 'timing.leaseMs is NaN'],
  [{ heartbeatMs: '400' }, 'timing.heartbeatMs is "400"; it must be a number'],
  [{ hartbeatMs: 400 }, 'timing.hartbeatMs is no time. There are heartbeatMs, electionMinMs,'],
  ['quick', "`timing` is \"quick\". Give 'default', 'fast', or some of the times"],
  [null, '`timing` is null'],
  [JSON.parse('{ "__proto__": 1 }'), 'timing.__proto__ is no time'],
])('times that would do harm together are refused: %j', (given, words) => {
  expect(() => timingOf(given as never)).toThrow(words);
});

test.each(['default', 'fast'] as const)('the preset %s keeps its own rules', (preset) => {
  expect(timingOf(timingOf(preset))).toEqual(timingOf(preset));
});
