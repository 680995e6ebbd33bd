import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prettyJson } from './pretty-json.ts';

test('an object has a line for each member, an array is one line', () => {
  expect(prettyJson('{"a":1,"b":[1,{"c":null}],"d":{}}')).toBe(
    '{\n  "a": 1,\n  "b": [1, {\n    "c": null\n  }],\n  "d": {\n\n  }\n}',
  );
  expect(prettyJson(' [ ] ')).toBe('[]');
});

test('strings and numbers stay to the letter', () => {
  const text = '{"a\\\\":"{,:\\"]\\\\","n":12345678901234567890.10,"__proto__":1e999}';
  expect(prettyJson(text).replaceAll(/\n */g, '').replaceAll('": ', '":')).toBe(text);
});

test('whatever the JSON is, it means the same afterwards', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(JSON.parse(prettyJson(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test('deep nesting makes no huge text, and needs no stack', () => {
  const depth = 50_000;
  const text = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  expect(prettyJson(text).length).toBeLessThan(text.length * 40);
});
