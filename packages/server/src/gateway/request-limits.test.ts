import { ManualClock } from '@vibrissa/testkit';
import { expect, it } from 'vitest';
import { RequestLimits } from './request-limits.ts';

const ada = { namespace: 'guest', basePath: '/club', key: 'ada' };
const bob = { ...ada, key: 'bob' };
const twoASecond = { rate: 2, intervalMs: 1000 };

it('lets as many pass at once as the rate says, then one after the other', async () => {
  const clock = new ManualClock();
  const limits = new RequestLimits(clock);
  const take = (): number | undefined => limits.take(ada, twoASecond);
  expect([take(), take(), take()]).toEqual([undefined, undefined, 500]);
  await clock.advance(499);
  expect(take()).toBe(1);
  await clock.advance(1);
  expect([take(), take()]).toEqual([undefined, 500]);
});

it('counts callers apart, and begins anew where the limit changes', () => {
  const limits = new RequestLimits(new ManualClock());
  const one = { rate: 1, intervalMs: 1000 };
  expect(limits.take(ada, one)).toBeUndefined();
  expect(limits.take(bob, one)).toBeUndefined();
  expect(limits.take(ada, one)).toBe(1000);
  expect(limits.take(ada, twoASecond)).toBeUndefined();
});

it('callers of one tenant’s APIs, however many, push no one out who is counted for another tenant', () => {
  const limits = new RequestLimits(new ManualClock());
  const one = { rate: 1, intervalMs: 86_400_000 };
  expect(limits.take(ada, one)).toBeUndefined();
  for (let at = 0; at < 20_000; at++) {
    limits.take({ namespace: 'mallory', basePath: `/${at % 200}`, key: String(at) }, one);
  }
  expect(limits.take(ada, one)).toBe(86_400_000);
});

it('an owner’s own callers are counted as long as it can have so many keys and APIs', () => {
  const limits = new RequestLimits(new ManualClock());
  const one = { rate: 1, intervalMs: 86_400_000 };
  const callers = Array.from({ length: 1200 }, (_, at) => ({ ...ada, key: String(at) }));
  for (const caller of callers) expect(limits.take(caller, one)).toBeUndefined();
  for (const caller of callers) expect(limits.take(caller, one)).toBe(86_400_000);
});
