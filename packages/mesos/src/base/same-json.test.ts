import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isSameJson } from './same-json.ts';

test('what comes of the same text is the same, whatever the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(isSameJson(value, JSON.parse(JSON.stringify(value)))).toBe(true);
    }),
  );
  expect(isSameJson({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
});

test('what comes of other texts is not', () => {
  const plain = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const sorted = (value: unknown): unknown =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  fc.assert(
    fc.property(fc.oneof(plain, fc.constant({}), fc.constant([])), plain, (one, other) => {
      if (JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))) return;
      expect(isSameJson([one], [other])).toBe(false);
    }),
  );
  expect(isSameJson([], {})).toBe(false);
  expect(isSameJson({ a: null }, { b: null })).toBe(false);
  expect(isSameJson(null, {})).toBe(false);
  expect(isSameJson([1, 2], [1])).toBe(false);
});
