import type { Clock, Timer } from './clock.ts';

const STEP_MS = 100;

/**
 * Calls `run` once after so many milliseconds (in whole tenths of a second) in which this process ran. It counts steps, and
 * a pause, however long, is one of them: a machine that stood still has not been at work meanwhile.
 */
export function afterRunning(clock: Pick<Clock, 'every'>, ms: number, run: () => void): Timer {
  let left = Math.ceil(ms / STEP_MS);
  const steps = clock.every(STEP_MS, () => {
    left -= 1;
    if (left > 0) return;
    steps.cancel();
    run();
  });
  return steps;
}
