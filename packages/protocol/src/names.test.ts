import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entityNameProblem, isEntityName, parseQualifiedName, qualifiedName } from './names.ts';

/** The rule as OpenWhisk writes it down. */
const pattern = /^(?:\w|\w[\w@ .&-]{0,254}[\w@.&-])$/;

const nearName = fc.string({
  unit: fc.constantFrom(...Array.from('aZ0_@ .&-/ä\n"🐭')),
  minLength: 0,
  maxLength: 12,
});

describe('a name', () => {
  it('is legal exactly when OpenWhisk’s pattern matches it', () => {
    fc.assert(
      fc.property(fc.oneof(nearName, fc.string({ maxLength: 300 })), (text) => {
        expect(isEntityName(text)).toBe(pattern.test(text));
        expect(entityNameProblem(text) === undefined).toBe(isEntityName(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('may have 256 characters and no more', () => {
    expect(isEntityName('a'.repeat(256))).toBe(true);
    expect(entityNameProblem('a'.repeat(257))).toBe('Name segement longer than allowed: 257 > 256.');
  });

  it('is judged in one pass, also where a pattern would try again and again', () => {
    // A pattern that backtracks would not finish these within the life of a test.
    for (const text of [' '.repeat(5_000_000), `a${' .'.repeat(2_500_000)}`, `${'a '.repeat(2_500_000)}!`]) {
      expect(isEntityName(text)).toBe(false);
      expect(parseQualifiedName(`/ns/${text}`, 'me').ok).toBe(false);
    }
    expect(parseQualifiedName('/'.repeat(5_000_000), 'me').ok).toBe(false);
  });
});

describe('a fully qualified name', () => {
  it.each([
    ['/ns/a', { namespace: 'ns', name: 'a' }],
    ['/_/a', { namespace: 'me', name: 'a' }],
    ['/ns/p/a', { namespace: 'ns', package: 'p', name: 'a' }],
    ['ns/p/a', { namespace: 'ns', package: 'p', name: 'a' }],
    ['_/p/a b', { namespace: 'me', package: 'p', name: 'a b' }],
  ])('%s is taken apart', (text, name) => {
    expect(parseQualifiedName(text, 'me')).toEqual({ ok: true, name });
  });

  it.each(['', 'a', '/a', '/', '//', '/ns/', '/ns//a', '/a/b/c/d', '/ns/a/', '/n!/a'])(
    '%j is refused',
    (text) => {
      expect(parseQualifiedName(text, 'me').ok).toBe(false);
    },
  );

  it('is the same after it was written and read again', () => {
    const segment = nearName.filter(isEntityName).filter((text) => text !== '_');
    fc.assert(
      fc.property(segment, fc.option(segment, { nil: undefined }), segment, (namespace, pkg, name) => {
        const entity = pkg === undefined ? { namespace, name } : { namespace, package: pkg, name };
        expect(parseQualifiedName(`/${qualifiedName(entity)}`, 'me')).toEqual({ ok: true, name: entity });
      }),
    );
  });
});
