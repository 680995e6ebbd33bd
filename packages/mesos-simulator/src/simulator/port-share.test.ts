import { createServer } from 'node:net';

import { expect, test } from 'vitest';
import { takePortShare, type PortShare } from './port-share.ts';

test('a port to come back to is nobody else’s, and lies below those that the system gives away', async () => {
  const share = await takePortShare();
  const taken = createServer();
  try {
    await new Promise<void>((resolve) => taken.listen(share.end + 50, '127.0.0.1', resolve));
    const given: number[] = [];
    for (let port = -1; port !== 0; given.push(port)) port = await share.lasting('127.0.0.1');
    expect(given.pop()).toBe(0);
    expect(given.length).toBeGreaterThan(50);
    expect(new Set(given).size).toBe(given.length);
    expect(given).not.toContain(share.end + 50);
    for (const port of given) {
      expect(port).toBeGreaterThan(share.end + 1);
      expect(port).toBeLessThan(share.begin + 1100);
    }
  } finally {
    await new Promise((resolve) => taken.close(resolve));
    await share.close();
  }
});

test('shares of ports don’t overlap, and closed ones are free again', async () => {
  // More than there are, so that one that stayed taken would be missed below.
  for (let count = 0; count < 40; count++) await (await takePortShare()).close();
  const taken: PortShare[] = [];
  try {
    for (let count = 0; count < 5; count++) taken.push(await takePortShare());
    const ends = taken.toSorted((a, b) => b.end - a.end).map(({ end }) => end);
    expect(ends[0]).toBeLessThanOrEqual(32_000);
    for (const [index, share] of taken.toSorted((a, b) => b.end - a.end).entries()) {
      expect(share.end - share.begin).toBe(1000);
      expect(share.begin).toBeGreaterThan(ends[index + 1] ?? 0);
    }
  } finally {
    await Promise.all(taken.map((share) => share.close()));
  }
});
