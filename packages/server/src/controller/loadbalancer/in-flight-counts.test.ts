import { expect, test } from 'vitest';
import { InFlightCounts, type NamespaceCount } from './in-flight-counts.ts';

test('namespaces are counted apart, and idle ones forgotten when many have gathered', () => {
  const counts = new InFlightCounts();
  const held: NamespaceCount[] = [];
  for (let i = 0; i < 5000; i++) {
    const count = counts.enter(`uuid${i}`);
    if (i % 100 === 0) held.push(count);
    else counts.leave(count);
  }
  expect(counts.size).toBeLessThan(1200);
  for (let i = 0; i < 5000; i++) expect(counts.of(`uuid${i}`)).toBe(i % 100 === 0 ? 1 : 0);
  for (const count of held) counts.leave(count);
  expect(counts.of('uuid0')).toBe(0);
});
