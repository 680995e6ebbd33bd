import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatImage, isBase64, isSameImage, parseImage } from './exec.ts';

/** The rule as OpenWhisk writes it down. */
const pattern = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$/;

describe('code', () => {
  it('is binary exactly when OpenWhisk’s pattern matches it', () => {
    const near = fc.string({ unit: fc.constantFrom(...Array.from('aZ0+/= \n-')), maxLength: 13 });
    fc.assert(
      fc.property(fc.oneof(near, fc.base64String(), fc.string()), (code) => {
        const trimmed = code.trim();
        expect(isBase64(code)).toBe(trimmed.length > 0 && trimmed.length % 4 === 0 && pattern.test(trimmed));
      }),
      { numRuns: 2000 },
    );
  });

  it('is judged in linear time, at the size of the largest action', () => {
    expect(isBase64('A'.repeat(48 * 1024 * 1024))).toBe(true);
    expect(isBase64(`${'A'.repeat(48 * 1024 * 1024 - 1)}!`)).toBe(false);
    expect(isBase64('='.repeat(4_000_000))).toBe(false);
  });
});

describe('an image reference', () => {
  it.each([
    ['ubuntu', { name: 'ubuntu' }],
    ['openwhisk/dockerskeleton', { prefix: 'openwhisk', name: 'dockerskeleton' }],
    ['openwhisk/dockerskeleton:nightly', { prefix: 'openwhisk', name: 'dockerskeleton', tag: 'nightly' }],
    ['localhost/a', { registry: 'localhost', name: 'a' }],
    [
      'r.example.com:5000/a/b/c:1.2-x',
      { registry: 'r.example.com:5000', prefix: 'a/b', name: 'c', tag: '1.2-x' },
    ],
    [`a@sha256:${'0'.repeat(64)}`, { name: 'a', digest: `sha256:${'0'.repeat(64)}` }],
    ['a__b/c-d.e', { prefix: 'a__b', name: 'c-d.e' }],
  ])('%s is taken apart and put together', (text, image) => {
    expect(parseImage(text)).toEqual(image);
    expect(formatImage(image)).toBe(text);
  });

  it.each([
    '',
    ' ',
    'A',
    'a/',
    '/a',
    'a//b',
    'a:',
    'a:b:c',
    'a b',
    'a@x',
    'a@sha256:xyz',
    '-a',
    'a-',
    'a.-b',
    'a___b',
    '.com/a',
    'x:123456/a',
    'a;rm',
    'a\nb',
    'a'.repeat(600),
  ])('%j is refused', (text) => {
    expect(parseImage(text)).toBeUndefined();
  });

  it('means the latest where it names no tag', () => {
    expect(isSameImage({ name: 'a' }, { name: 'a', tag: 'latest' })).toBe(true);
    expect(isSameImage({ name: 'a' }, { name: 'a', tag: 'x' })).toBe(false);
    expect(isSameImage({ prefix: 'p', name: 'a' }, { name: 'a' })).toBe(false);
  });
});
