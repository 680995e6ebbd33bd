import { expect, test } from 'vitest';
import { javaHash, placementHash } from './java-hash.ts';

test.each([
  ['', 0],
  ['a', 97],
  ['hello', 99_162_322],
  ['polygenelubricants', -2_147_483_648],
])('%j hashes as in Java', (text, expected) => {
  expect(javaHash(text)).toBe(expected);
});

test('a placement hash is never negative, also at the edge of 32 bits', () => {
  expect(placementHash('', -2_147_483_648)).toBe(2_147_483_648);
  expect(placementHash('', -5)).toBe(5);
});
