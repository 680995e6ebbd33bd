import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';
import { InvalidPattern } from './pattern-syntax.ts';

function matching(source: string, values: readonly string[]): readonly string[] {
  const pattern = compilePattern(source);
  return values.filter((value) => pattern.matches(value));
}

describe('what a pattern matches', () => {
  test('the whole value, never a part', () => {
    expect(matching('r1', ['r1', 'r10', 'xr1', ''])).toEqual(['r1']);
    expect(matching('a|bc', ['a', 'bc', 'abc', 'ab'])).toEqual(['a', 'bc']);
    expect(matching('^r1$', ['r1', 'r1 '])).toEqual(['r1']);
    expect(matching('a^b|a$', ['a', 'ab', 'a^b'])).toEqual(['a']);
    expect(matching('', ['', 'a'])).toEqual(['']);
    expect(matching('(?:a?)*$^', ['', 'a'])).toEqual(['']);
  });

  test('classes, counts, escapes and groups', () => {
    expect(
      matching('(?:node|agent)-[0-9]{1,3}\\.example\\.com', [
        'node-7.example.com',
        'agent-1234.example.com',
        'node-7xexample.com',
      ]),
    ).toEqual(['node-7.example.com']);
    expect(matching('[^a-c]', ['a', 'd', '\n', 'dd'])).toEqual(['d', '\n']);
    expect(matching('[a\\-\\]-]+', ['a-]', 'b'])).toEqual(['a-]']);
    expect(matching('\\w+\\s\\D', ['ab c', 'ab 1', 'äb c'])).toEqual(['ab c']);
    expect(matching('[\\d.]+', ['1.2', '1-2'])).toEqual(['1.2']);
    expect(matching('a{2,}b?', ['a', 'aa', 'aaaab', 'aabb'])).toEqual(['aa', 'aaaab']);
    expect(matching('.', ['é', '🦊', '\n', ''])).toEqual(['é', '🦊']);
    expect(matching('\\t\\n\\f\\r', ['\t\n\f\r'])).toEqual(['\t\n\f\r']);
  });

  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', 'ab', '', '^', '$');
  const source: fc.Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('tree'), tie('tree')).map((parts) => parts.join('')),
      fc.tuple(tie('tree'), tie('tree')).map(([one, other]) => `(${one}|${other})`),
      fc
        .tuple(tie('tree'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,}', '*?', '+?'))
        .map(([inner, times]) => `(?:${inner})${times}`),
    ),
  })).tree;

  test('the same as JavaScript’s own engine matches, for all that both know', () => {
    fc.assert(
      fc.property(
        source,
        fc.string({ unit: fc.constantFrom('a', 'b', '1', '-'), maxLength: 7 }),
        (pattern, value) => {
          const own = new RegExp(`^(?:${pattern})$`).test(value);
          expect(compilePattern(pattern).matches(value), `${pattern} on ${value}`).toBe(own);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('patterns that make others backtrack without end are done in a moment', () => {
    const value = `${'a'.repeat(5_000)}!`;
    for (const pattern of ['(a+)+b', '(a|a)*b', '(.*)*x', '(?:a?){30}a{30}b', 'a*a*a*a*a*a*b']) {
      expect(compilePattern(pattern).matches(value)).toBe(false);
    }
  });
});

test('what was remembered of many values is forgotten, and then right again', () => {
  const pattern = compilePattern('x[^a]|.b');
  for (let code = 0x100; code < 0x800; code++) {
    const char = String.fromCodePoint(code);
    expect([pattern.matches(`x${char}`), pattern.matches(`${char}a`), pattern.matches(`${char}b`)]).toEqual([
      true,
      false,
      true,
    ]);
  }
});

describe('what a pattern must not be', () => {
  test.each([
    ['(a', 'a "(" is never closed'],
    ['a)', 'it closes a group that is not open'],
    ['[a', 'a "[" is never closed'],
    ['[]', 'a class "[…]" is empty'],
    ['[b-a]', 'a range in "[…]" must go'],
    ['[a-\\d]', 'a range in "[…]" must go'],
    ['[[:alpha:]]', 'named classes'],
    ['*a', 'nothing that "*" could repeat'],
    ['a**', 'nothing that "*" could repeat'],
    ['a{b}', 'a "{" that is no count'],
    ['a{2,1}', 'a count must read'],
    ['a{2', 'a count must read'],
    ['^*', 'it repeats a place'],
    ['\\', 'it ends in the middle of an escape'],
    ['(a)\\1', 'the escape "\\1" is not known'],
    ['\\bfoo\\b', 'the escape "\\b" is not known'],
    ['(?=a)', 'only "(?:" is known'],
    ['(?i)a', 'only "(?:" is known'],
    ['a{1001}', 'it is too large'],
    ['((a{50}){50}){50}', 'it is too large'],
    ['a'.repeat(1001), 'longer than 1000 characters'],
  ])('%s', (source, reason) => {
    expect(() => compilePattern(source)).toThrow(InvalidPattern);
    expect(() => compilePattern(source)).toThrow(reason);
  });

  test('anything else: it is read or refused, never a crash or an endless wait', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab1^$.*+?()[]{},|\\-:d')), maxLength: 40 }),
        (source) => {
          try {
            compilePattern(source).matches('abab-1');
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidPattern);
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(compilePattern('(?:((?:){1000000000}){1000000000}){1000000000}').matches('')).toBe(true);
  });
});

test('a pattern without operators is known by its text', () => {
  expect(compilePattern('rack\\.1').literal).toBe('rack.1');
  expect(compilePattern('').literal).toBe('');
  expect(compilePattern('rack.1').literal).toBeUndefined();
  expect(compilePattern('a|b').literal).toBeUndefined();
});
