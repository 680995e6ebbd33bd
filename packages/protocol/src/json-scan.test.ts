import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isShallow, jsonMembersOf, memberTextsOf } from './json-scan.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Text in which every bracket might be data. */
const trickyKey = fc.string({
  unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', ':', 'a'),
  maxLength: 6,
});
const tricky = fc.json({
  maxDepth: 6,
  stringUnit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', ':', 'a'),
});

describe('the depth of JSON', () => {
  it('is what parsing it would find', () => {
    fc.assert(
      fc.property(tricky, fc.integer({ min: 1, max: 6 }), (text, max) => {
        // Longer than any depth, so that the text has to be read.
        const padded = `${text}${' '.repeat(max)}`;
        expect(isShallow(padded, max)).toBe(depthOf(JSON.parse(padded)) <= max);
      }),
      { numRuns: 2000 },
    );
  });

  it('is found in linear time for the worst that a body can be', () => {
    const size = 4_000_000;
    expect(isShallow('['.repeat(size), 1000)).toBe(false);
    expect(isShallow(`"${'\\'.repeat(size)}`, 1000)).toBe(true);
    expect(isShallow(`"${'\\"'.repeat(size)}`, 1000)).toBe(true);
    expect(isShallow('"'.repeat(size), 1000)).toBe(true);
    expect(isShallow('[]'.repeat(size), 1000)).toBe(true);
  });
});

describe('the members of an object', () => {
  it('are found where they lie, whoever wrote the text', () => {
    const space = fc.constantFrom('', ' ', '\n\t ');
    const escaped = (key: string) =>
      `"${Array.from(key, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
    fc.assert(
      fc.property(fc.array(fc.tuple(trickyKey, tricky, fc.boolean(), space)), space, (members, gap) => {
        const texts = members.map(([key, value, isEscaped, around]) => {
          const name = isEscaped && /^[\0-\x7f]*$/.test(key) ? escaped(key) : JSON.stringify(key);
          return `${around}${name}${around}:${around}${value}${around}`;
        });
        const json = `${gap}{${gap}${texts.join(',')}${gap}}${gap}`;
        const found = jsonMembersOf(json).map(({ key, from, to }) => [key, json.slice(from, to)]);
        expect(found).toEqual(members.map(([key, value]) => [key, value]));
      }),
    );
  });

  it('keep numbers that a double cannot hold; of two with one key the later counts', () => {
    const texts = memberTextsOf('{"a":{"b":1},"b":1,"b":12345678901234567890,"c":1e999}');
    expect([...texts]).toEqual([
      ['a', '{"b":1}'],
      ['b', '12345678901234567890'],
      ['c', '1e999'],
    ]);
  });
});
