import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amountsOf, covers, toMilli } from './resource-amounts.ts';

test('ten times 0.1 is 1 (#42)', () => {
  expect(Array.from({ length: 10 }, () => toMilli(0.1)).reduce((sum, milli) => sum + milli, 0)).toBe(
    toMilli(1),
  );
});

test('a scalar survives the way to thousandths and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), (milli) => {
      expect(toMilli(milli / 1000)).toBe(milli);
    }),
  );
});

test('what is no positive number is nothing', () => {
  expect([Number.NaN, Infinity, -Infinity, -1, -0, 0.0004].map(toMilli)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('the units of a group add up, and each amount counts for itself', () => {
  const unit = { cpusMilli: 100, memMilli: 32_000, diskMilli: 5, gpusMilli: 1000, ports: 2 };
  expect(amountsOf([unit, unit])).toEqual([200, 64_000, 10, 2000, 4]);
  expect(covers([200, 64_000, 10, 2000, 4], amountsOf([unit, unit]))).toBe(true);
  for (const dimension of [0, 1, 2, 3, 4]) {
    const less = amountsOf([unit]).map((amount, index) => (index === dimension ? amount - 1 : amount));
    expect(covers(less, amountsOf([unit]))).toBe(false);
  }
});
