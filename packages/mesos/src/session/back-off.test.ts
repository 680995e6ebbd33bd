import fc from 'fast-check';
import { expect, test } from 'vitest';

import { BackOff } from './back-off.ts';

test('waits double, and never exceed the cap', () => {
  const backOff = new BackOff({ minMs: 250, maxMs: 15_000 }, { next: () => 1 - Number.EPSILON });
  const waits = Array.from({ length: 10 }, () => backOff.next());
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
  backOff.reset();
  expect(backOff.next()).toBe(250);
});

test('each wait lies in the upper half of its range, after whatever number of failures', () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, drawn) => {
      const backOff = new BackOff({ minMs: 100, maxMs: 15_000 }, { next: () => drawn });
      let waitMs = 0;
      for (let failure = 0; failure <= failures; failure++) waitMs = backOff.next();
      const ceilingMs = Math.min(15_000, 100 * 2 ** failures);
      expect(waitMs).toBeGreaterThanOrEqual(ceilingMs / 2);
      expect(waitMs).toBeLessThanOrEqual(ceilingMs);
    }),
  );
});
