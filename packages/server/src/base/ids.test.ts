import { SeededIds } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import { randomIds, type Ids } from './ids.ts';

const sources: [string, Ids][] = [
  ['random ids', randomIds],
  ['seeded ids', new SeededIds(7)],
];

describe.each(sources)('%s', (_name, ids) => {
  test('have the forms that clients expect', () => {
    expect(ids.activationId()).toMatch(/^[0-9a-f]{32}$/);
    expect(ids.token()).toMatch(/^[0-9a-f]{32}$/);
    expect(ids.transactionId()).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(ids.key()).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(ids.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('never repeat, also when the pool is drawn anew', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 5000; i++) {
      seen.add(ids.activationId());
      seen.add(ids.transactionId());
    }
    expect(seen.size).toBe(10_000);
  });
});

test('every letter and digit is as likely as another', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    for (const letter of randomIds.key()) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(counts.size).toBe(62);
  const expected = (4000 * 64) / 62;
  // Chi-squared with 61 degrees of freedom: beyond 150 once in 10^9 runs.
  const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  expect(chiSquared).toBeLessThan(150);
});

test('the same seed gives the same ids', () => {
  expect(new SeededIds(3).key()).toBe(new SeededIds(3).key());
  expect(new SeededIds(3).key()).not.toBe(new SeededIds(4).key());
});
