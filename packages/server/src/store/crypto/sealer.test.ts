import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { generateKeyLine, parseKeyring } from './keyring.ts';
import { keyIdOf, Sealer, UnsealError } from './sealer.ts';

const oldLine = generateKeyLine();
const newLine = generateKeyLine();
const sealer = (...lines: string[]) => new Sealer(parseKeyring(lines.join(''), 'the test'));

describe('a sealer', () => {
  it('opens what it sealed, also in a later process', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
        expect(sealer(oldLine).unseal(sealer(oldLine).seal(text, context), context)).toBe(text);
      }),
    );
  });

  it('shows nothing of the text and never the same twice', () => {
    const one = sealer(oldLine);
    const secret = 'correct horse battery staple';
    const sealed = [one.seal(secret, 'c'), one.seal(secret, 'c'), sealer(oldLine).seal(secret, 'c')];
    expect(new Set(sealed.map((bytes) => bytes.toString('hex'))).size).toBe(3);
    for (const bytes of sealed) expect(bytes.includes('horse')).toBe(false);
  });

  it('refuses a text that was changed in any byte, cut or moved', () => {
    const one = sealer(oldLine);
    const sealed = one.seal('secret', 'here');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => one.unseal(changed, 'here')).toThrow(UnsealError);
      expect(() => one.unseal(sealed.subarray(0, at), 'here')).toThrow(UnsealError);
    }
    expect(() => one.unseal(sealed, 'there')).toThrow(UnsealError);
  });

  it('opens with an old key and seals with the new one', () => {
    const sealed = sealer(oldLine).seal('secret', 'c');
    const rotated = sealer(newLine, oldLine);
    expect(rotated.unseal(sealed, 'c')).toBe('secret');
    expect(keyIdOf(rotated.seal('secret', 'c'))).toBe(sealer(newLine).keyId);
    expect(() => sealer(newLine).unseal(sealed, 'c')).toThrow(/is not at hand/);
  });

  it('finds a secret by its hash under the old key and the new', () => {
    const rotated = sealer(newLine, oldLine);
    expect(rotated.hashes('secret')).toEqual([
      sealer(newLine).hash('secret'),
      sealer(oldLine).hash('secret'),
    ]);
    expect(rotated.hash('other')).not.toEqual(rotated.hash('secret'));
  });
});
