import { ManualClock } from '@vibrissa/testkit';
import { expect, it, vi } from 'vitest';

import { afterRunning } from './after-running.ts';

it('what is to come after so much time at work comes once, and not before', async () => {
  const clock = new ManualClock();
  const run = vi.fn<() => void>();
  afterRunning(clock, 1950, run);
  await clock.advance(1950);
  expect(run).not.toHaveBeenCalled();
  await clock.advance(5000);
  expect(run).toHaveBeenCalledTimes(1);
});

it('a pause of the whole machine is one step, however long it was', () => {
  let step = () => {};
  const run = vi.fn<() => void>();
  // After a pause a timer that repeats comes once, not as often as it was missed.
  afterRunning({ every: (_, tick) => ((step = tick), { cancel: () => (step = () => {}) }) }, 300, run);
  step();
  step();
  expect(run).not.toHaveBeenCalled();
  step();
  step();
  expect(run).toHaveBeenCalledTimes(1);
});

it('what was cancelled never comes', async () => {
  const clock = new ManualClock();
  const run = vi.fn<() => void>();
  afterRunning(clock, 1000, run).cancel();
  await clock.advance(5000);
  expect(run).not.toHaveBeenCalled();
});
