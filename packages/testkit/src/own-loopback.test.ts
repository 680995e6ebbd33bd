import { expect, test } from 'vitest';

import { takeOwnLoopback } from './own-loopback.ts';

test('nobody is given addresses that somebody else still has', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, takeOwnLoopback));
  expect(new Set(all.map((one) => one.host(1))).size).toBe(20);
  await Promise.all(all.map((one) => one.close()));
});
