import { expect, test } from 'vitest';
import fc from 'fast-check';
import { whereJsonBreaks } from './json-error.ts';

test.each([
  ['{"a": }', "line 1, column 7: there is '}' where a value is expected"],
  ['{\n  "a": 1,\n}', "line 3, column 1: there is '}' where a name in double quotes is expected"],
  ["{'a': 1}", "line 1, column 2: there is ''' where a name in double quotes or } is expected"],
  ['{"a" 1}', "line 1, column 6: there is '1' where a colon is expected"],
  ['{"a": 1', 'line 1, column 8: the text ends where a comma or } is expected'],
  ['[1 2]', "line 1, column 4: there is '2' where a comma or ] is expected"],
  ['', 'line 1, column 1: the text ends where a value is expected'],
  ['{} x', "line 1, column 4: there is 'x' where the end is expected"],
  ['{"a": "two\nlines"}', 'line 1, column 11: there is "\\n" where the rest of a string is expected'],
  ['{"a": "\\x"}', "line 1, column 8: there is '\\' where the rest of a string is expected"],
  ['{"a": nul}', "line 1, column 7: there is 'n' where a value is expected"],
])('%j breaks at a place that is named', (text, where) => {
  expect(whereJsonBreaks(text)).toBe(where);
});

test('whatever JSON.parse takes has no mistake, and whatever it refuses has one', () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', '{', '}', ',', ':', '\\', '\u0001', '0', 'e', ' '))
    .map(([text, at, inserted]) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + inserted + text.slice(index + (inserted === '' ? 1 : 0));
    });
  fc.assert(
    fc.property(damaged, (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      expect(whereJsonBreaks(text) === 'no mistake can be found').toBe(valid);
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test('a hundred thousand open brackets are no trouble', () => {
  expect(whereJsonBreaks('['.repeat(100_000))).toContain('column 100001: the text ends');
});
