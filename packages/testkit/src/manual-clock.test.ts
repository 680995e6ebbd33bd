import { expect, test } from 'vitest';
import { ManualClock } from './manual-clock.ts';

test('timers fire in the order in which they fall due, each at its own time', async () => {
  const clock = new ManualClock(1000);
  const seen: [string, number][] = [];
  clock.after(20, () => seen.push(['late', clock.monotonicMs()]));
  clock.after(10, () => seen.push(['early', clock.monotonicMs()]));
  clock.after(10, () => seen.push(['early too', clock.monotonicMs()]));
  await clock.advance(25);
  expect(seen).toEqual([
    ['early', 10],
    ['early too', 10],
    ['late', 20],
  ]);
  expect(clock.now()).toBe(1025);
  expect(clock.epochNs()).toBe(1_025_000_000n);
});

test('a repeating timer fires until it is cancelled', () => {
  const clock = new ManualClock();
  let ticks = 0;
  const timer = clock.every(10, () => ticks++);
  clock.advanceSync(35);
  timer.cancel();
  clock.advanceSync(100);
  expect(ticks).toBe(3);
  expect(clock.pendingTimers).toBe(0);
});

test('a sleeper wakes in time, or with the reason of its signal', async () => {
  const clock = new ManualClock();
  const woken = clock.sleep(50).then(() => clock.monotonicMs());
  const abort = new AbortController();
  const stopped = clock.sleep(50, abort.signal).catch((error: unknown) => error);
  abort.abort('enough');
  await clock.advance(60);
  expect(await woken).toBe(50);
  expect(await stopped).toBe('enough');
});

test("setting the machine's clock back disturbs no timer", () => {
  const clock = new ManualClock(5000);
  let fired = false;
  clock.after(10, () => (fired = true));
  clock.jumpTo(0);
  clock.advanceSync(10);
  expect(fired).toBe(true);
  expect(clock.now()).toBe(10);
});
