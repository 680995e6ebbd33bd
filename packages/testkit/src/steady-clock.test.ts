import { expect, test } from 'vitest';

import { SteadyClock } from './steady-clock.ts';

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('a process that stood still has lost no more time than the clock allows', () => {
  const clock = new SteadyClock(20);
  const before = clock.monotonicMs();
  standStill(100);
  expect(clock.monotonicMs() - before).toBeCloseTo(20, 6);
});

test('timers fire in their order when their time has come, and not when they were cancelled', async () => {
  const clock = new SteadyClock(20);
  const beganMs = clock.monotonicMs();
  const fired: string[] = [];
  const cancelled = clock.after(10, () => fired.push('cancelled'));
  const passed = await new Promise<number>((resolve) => {
    clock.after(40, () => resolve(clock.monotonicMs() - beganMs));
    clock.after(30, () => fired.push('second'));
    clock.after(10, () => {
      fired.push('first');
      cancelled.cancel();
    });
    cancelled.cancel();
    standStill(200);
  });
  expect(fired).toEqual(['first', 'second']);
  expect(passed).toBeGreaterThanOrEqual(40);
});
