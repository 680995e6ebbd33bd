import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { noMetrics, type Metrics } from '../../base/metrics.ts';
import { LoadBalancer } from './load-balancer.ts';
import { NONE, type Need } from './schedule.ts';

const need: Need = { hash: 0, memoryMb: 256, concurrency: 1, actionKey: 'a', blackbox: false };

test('the only invoker runs everything, images of users too', () => {
  const balancer = LoadBalancer.open({ metrics: noMetrics, random: seededRandom(1) });
  balancer.slots.setInvoker(0, 1024, true);
  expect(balancer.place(need)).toBe(0);
  expect(balancer.place({ ...need, blackbox: true })).toBe(0);
  expect(balancer.slots.usedMb(0)).toBe(512);
});

test('users’ images go to the last tenth of the invokers, and managed kinds to the rest', () => {
  const balancer = LoadBalancer.open({ metrics: noMetrics, random: seededRandom(1) });
  for (let invoker = 0; invoker < 10; invoker++) balancer.slots.setInvoker(invoker, 4096, true);
  for (let hash = 0; hash < 30; hash++) {
    expect(balancer.place({ ...need, hash })).toBeLessThan(9);
    expect(balancer.place({ ...need, hash, blackbox: true })).toBe(9);
  }
});

test('when every invoker is full, one is overloaded and that is counted', () => {
  let overloads = 0;
  const metrics: Metrics = { ...noMetrics, counter: () => ({ add: () => void overloads++ }) };
  const balancer = LoadBalancer.open({ metrics, random: seededRandom(1) });
  balancer.slots.setInvoker(0, 256, true);
  expect([balancer.place(need), balancer.place(need)]).toEqual([0, 0]);
  expect(overloads).toBe(1);
  expect(balancer.slots.usedMb(0)).toBe(512);
  balancer.free(0, need);
  balancer.free(0, need);
  expect(balancer.slots.usedMb(0)).toBe(0);
});

test('without a usable invoker nothing is placed', () => {
  const balancer = LoadBalancer.open({ metrics: noMetrics, random: seededRandom(1) });
  expect(balancer.place(need)).toBe(NONE);
  balancer.slots.setInvoker(0, 1024, false);
  expect(balancer.place(need)).toBe(NONE);
});
