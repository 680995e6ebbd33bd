import { expect, test } from 'vitest';
import { PortBlacklist } from './port-blacklist.ts';

test('a port that could not be bound is left alone on its agent, until that expires (#37)', () => {
  const blacklist = new PortBlacklist({ expiryMs: 600_000 });
  blacklist.block('a1', 31_000, 0);
  blacklist.block('a1', 31_001, 1_000);
  const early = blacklist.blockedAt(599_999);
  expect([early('a1', 31_000), early('a1', 31_002), early('a2', 31_000)]).toEqual([true, false, false]);
  const late = blacklist.blockedAt(600_000);
  expect([late('a1', 31_000), late('a1', 31_001)]).toEqual([false, true]);
  expect(blacklist.blockedAt(601_000)('a1', 31_001)).toBe(false);
});

test('a port that fails again is blocked anew', () => {
  const blacklist = new PortBlacklist({ expiryMs: 1_000 });
  blacklist.block('a1', 31_000, 0);
  blacklist.block('a1', 31_000, 900);
  expect(blacklist.blockedAt(1_500)('a1', 31_000)).toBe(true);
});
