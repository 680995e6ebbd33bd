import { expect, test } from 'vitest';
import { formatDuration, truncateMiddle } from './rows.ts';

test.each([
  [0, '0s'],
  [7, '7ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1234, '1.234s'],
  [63_500, '1m3.5s'],
  [300_000, '5m0s'],
  [3_600_000, '1h0m0s'],
])('%i milliseconds are shown as %s', (ms, shown) => {
  expect(formatDuration(ms)).toBe(shown);
});

test('a long name keeps its beginning and its end', () => {
  expect(truncateMiddle('a'.repeat(20), 20)).toBe('a'.repeat(20));
  const short = truncateMiddle(`${'a'.repeat(20)}${'b'.repeat(20)}`, 20);
  expect(short).toBe(`${'a'.repeat(10)}...${'b'.repeat(7)}`);
});
