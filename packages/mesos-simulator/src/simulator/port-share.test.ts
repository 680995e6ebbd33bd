import { expect, test } from 'vitest';
import { takePortShare, type PortShare } from './port-share.ts';

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
