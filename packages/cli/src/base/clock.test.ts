import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('a sleep ends when its signal is aborted, before or during it', async () => {
  const controller = new AbortController();
  const during = systemClock.sleep(3_600_000, controller.signal);
  controller.abort();
  await expect(during).resolves.toBeUndefined();
  await expect(systemClock.sleep(3_600_000, controller.signal)).resolves.toBeUndefined();
});

test('a repeated call stops when it is told to', async () => {
  const calls = await new Promise<number>((resolve) => {
    let count = 0;
    const keepAlive = setTimeout(() => undefined, 60_000);
    const stop = systemClock.every(1, () => {
      if (++count < 3) return;
      stop();
      clearTimeout(keepAlive);
      resolve(count);
    });
  });
  expect(calls).toBe(3);
});
