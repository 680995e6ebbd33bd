import { ManualClock } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';
import { AdjustableClock } from './adjustable-clock.ts';

describe('an adjustable clock', () => {
  it('goes as the clock below it', () => {
    const base = new ManualClock(1000);
    const clock = new AdjustableClock(base);
    const fired: string[] = [];
    clock.after(10, () => fired.push('in time'));
    clock.after(10, () => fired.push('cancelled')).cancel();
    base.advanceSync(10);
    expect([clock.now(), clock.monotonicMs(), fired]).toEqual([1010, 10, ['in time']]);
  });

  it('can be set, which nothing that waits notices', () => {
    const base = new ManualClock(1_000_000);
    const clock = new AdjustableClock(base);
    let fired = false;
    clock.after(100, () => (fired = true));
    clock.jump(-3_600_000);
    expect([clock.now(), clock.monotonicMs(), fired]).toEqual([-2_600_000, 0, false]);
  });

  it('lets time pass at once: each timer at its own moment, those that are set on the way as well', async () => {
    const base = new ManualClock(0);
    const clock = new AdjustableClock(base);
    const seen: [string, number, number][] = [];
    const note = (name: string) => seen.push([name, clock.monotonicMs(), clock.now()]);
    clock.after(300, () => note('late'));
    clock.after(100, () => {
      note('early');
      clock.after(100, () => note('set on the way'));
    });
    clock.after(500, () => note('not yet'));
    await clock.advance(400);
    expect(seen).toEqual([
      ['early', 100, 100],
      ['set on the way', 200, 200],
      ['late', 300, 300],
    ]);
    expect(clock.monotonicMs()).toBe(400);
    base.advanceSync(99);
    expect(seen).toHaveLength(3);
    base.advanceSync(1);
    expect(seen.at(-1)).toEqual(['not yet', 500, 500]);
    expect(base.pendingTimers).toBe(0);
  });
});
