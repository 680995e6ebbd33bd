import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compactJson,
  isJsonObject,
  jsonElements,
  jsonMembers,
  jsonObject,
  keyValueJson,
  prettyJson,
  readKeyValues,
} from './json-text.ts';

const spaced = fc.json({ maxDepth: 4 }).map((json) => JSON.stringify(JSON.parse(json), null, '\t'));

test('JSON is indented exactly as JavaScript would, with four spaces', () => {
  fc.assert(
    fc.property(spaced, (json) => {
      expect(prettyJson(json)).toBe(JSON.stringify(JSON.parse(json), null, 4));
    }),
  );
});

test('JSON loses its white space, and nothing else', () => {
  fc.assert(
    fc.property(spaced, (json) => {
      expect(compactJson(json)).toBe(JSON.stringify(JSON.parse(json)));
    }),
  );
});

test('an object taken apart into members and put together again is the same', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const json = JSON.stringify(object, null, 2);
      expect(jsonObject(jsonMembers(json))).toBe(JSON.stringify(JSON.parse(json)));
    }),
  );
});

test('an array is taken apart into its elements', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (array) => {
      const json = JSON.stringify(array, null, 2);
      expect(`[${jsonElements(json).join(',')}]`).toBe(JSON.stringify(JSON.parse(json)));
    }),
  );
});

test('numbers and __proto__ survive as they were written', () => {
  const json = '{"a": 1.50e3, "b": 12345678901234567890, "__proto__": {"x": -0}}';
  expect(compactJson(json)).toBe('{"a":1.50e3,"b":12345678901234567890,"__proto__":{"x":-0}}');
  expect([...jsonMembers(json).keys()]).toEqual(['a', 'b', '__proto__']);
});

test('of equal names the last one wins', () => {
  expect(jsonMembers('{"a":1,"a":[2]}')).toEqual(new Map([['a', '[2]']]));
});

test('a string of megabytes is taken as one token', () => {
  const code = JSON.stringify(`${'"\\'.repeat(2_000_000)}end`);
  expect(jsonMembers(`{"code":${code}}`).get('code')).toBe(code);
});

test('named values become the list that OpenWhisk uses, and come back from it', () => {
  const entries = new Map([
    ['a "b"', '{"c":[1,2]}'],
    ['d', 'null'],
  ]);
  expect(JSON.parse(keyValueJson(entries))).toEqual([
    { key: 'a "b"', value: { c: [1, 2] } },
    { key: 'd', value: null },
  ]);
  expect(readKeyValues(keyValueJson(entries))).toEqual(entries);
  expect(readKeyValues(undefined).size).toBe(0);
});

test('only an object counts as an object', () => {
  expect(['{}', ' {"a":1} '].map(isJsonObject)).toEqual([true, true]);
  expect(['[]', '"{}"', '{', ''].map(isJsonObject)).toEqual([false, false, false, false]);
});
