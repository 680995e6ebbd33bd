import { afterEach, describe, expect, it, vi } from 'vitest';

import { systemClock } from './clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const HOUR = 3_600_000;

describe('the fine time stamps of the system clock', () => {
  it('grow by less than a millisecond where time does', () => {
    let last = systemClock.epochNs();
    let smallest: bigint | undefined;
    // The machine may stand still between two of them, and not between all.
    for (let steps = 0; steps < 1000;) {
      const next = systemClock.epochNs();
      if (next === last) continue;
      const step = next - last;
      if (step > 0n && (smallest === undefined || step < smallest)) smallest = step;
      last = next;
      steps += 1;
    }
    expect(smallest).toBeLessThan(1_000_000n);
  });

  it.each([HOUR, -HOUR])(
    'follow the wall clock when it is set by %d ms, or the machine has slept',
    (offsetMs) => {
      const now = Date.now();
      const wall = vi.spyOn(Date, 'now').mockImplementation(() => now + offsetMs);
      expect(Number(systemClock.epochNs() / 1_000_000n) - now).toBe(offsetMs);
      wall.mockRestore();
      expect(Math.abs(Number(systemClock.epochNs() / 1_000_000n) - Date.now())).toBeLessThan(HOUR / 2);
    },
  );
});
