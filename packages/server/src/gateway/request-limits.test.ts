import { ManualClock } from '@vibrissa/testkit';
import { expect, it } from 'vitest';
import { RequestLimits } from './request-limits.ts';

const twoASecond = { rate: 2, intervalMs: 1000 };

it('lets as many pass at once as the rate says, then one after the other', async () => {
  const clock = new ManualClock();
  const limits = new RequestLimits(clock);
  const take = (): number | undefined => limits.take('ada', twoASecond);
  expect([take(), take(), take()]).toEqual([undefined, undefined, 500]);
  await clock.advance(499);
  expect(take()).toBe(1);
  await clock.advance(1);
  expect([take(), take()]).toEqual([undefined, 500]);
});

it('counts callers apart, and begins anew where the limit changes', () => {
  const limits = new RequestLimits(new ManualClock());
  const one = { rate: 1, intervalMs: 1000 };
  expect(limits.take('ada', one)).toBeUndefined();
  expect(limits.take('bob', one)).toBeUndefined();
  expect(limits.take('ada', one)).toBe(1000);
  expect(limits.take('ada', twoASecond)).toBeUndefined();
});
