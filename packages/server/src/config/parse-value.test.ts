import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseValue } from './parse-value.ts';
import type { Setting } from './settings-index.ts';

function setting(given: Partial<Setting>): Setting {
  return { path: 'x', type: 'integer', description: 'X.', ...given };
}

describe('reading a value', () => {
  it.each([
    ['500', 500],
    ['10 s', 10_000],
    ['10s', 10_000],
    ['1.5 seconds', 1500],
    ['5 minutes', 300_000],
    ['2 h', 7_200_000],
    ['1 day', 86_400_000],
  ])('takes %j for a duration', (given, value) => {
    expect(parseValue(setting({ unit: 'ms' }), given)).toEqual({ ok: true, value });
  });

  it.each([
    ['512', 512],
    ['512m', 512],
    ['512 MB', 512],
    ['2 GB', 2048],
    ['2048 k', 2],
  ])('takes %j for megabytes', (given, value) => {
    expect(parseValue(setting({ unit: 'MB' }), given)).toEqual({ ok: true, value });
  });

  it.each(['1 KB', '12 parsecs', '', '-1', 'NaN', '1e3', '0x10', '5 s'])(
    'refuses %j for megabytes',
    (given) => {
      expect(parseValue(setting({ unit: 'MB' }), given).ok).toBe(false);
    },
  );

  it.each([
    [true, true],
    ['yes', true],
    ['OFF', false],
  ])('takes %j for a yes or no', (given, value) => {
    expect(parseValue(setting({ type: 'boolean' }), given)).toEqual({ ok: true, value });
  });

  it('takes a list as JSON, with commas, or as it is', () => {
    const of = (given: unknown) => parseValue(setting({ type: 'array' }), given);
    expect(of('a:1, b:2')).toEqual({ ok: true, value: ['a:1', 'b:2'] });
    expect(of('["a","b"]')).toEqual({ ok: true, value: ['a', 'b'] });
    expect(of(['a'])).toEqual({ ok: true, value: ['a'] });
    expect(of('')).toEqual({ ok: true, value: [] });
    expect(of('[1')).toMatchObject({ ok: false });
    expect(of([1])).toMatchObject({ ok: false });
  });

  it('accepts exactly the whole numbers of the range, whatever it is given', () => {
    const limited = setting({ unit: 'count', minimum: 3, maximum: 9 });
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double(), fc.string(), fc.jsonValue()), (given) => {
        const parsed = parseValue(limited, given);
        expect(
          parsed.ok ? [3, 4, 5, 6, 7, 8, 9].includes(Number(parsed.value)) : parsed.why.startsWith('must be'),
        ).toBe(true);
      }),
    );
    for (const given of [3, 9, '4']) expect(parseValue(limited, given).ok).toBe(true);
  });
});
