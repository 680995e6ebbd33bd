import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lockExpansion, lockText, sizesOf, unlockText, type LockScheme } from './parameter-cipher.ts';

const bytes = (length: number, first: number) =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index) % 256));

const lockOf = (scheme: LockScheme) => {
  const { keyBytes, ivBytes } = sizesOf(scheme);
  return { scheme, key: bytes(keyBytes, 1), iv: bytes(ivBytes, 200) };
};

describe.each(['aes-128', 'aes-256'] as const)('%s', (scheme) => {
  const lock = lockOf(scheme);

  it('opens what it locked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(unlockText(lockText(text, lock), lock)).toBe(text);
      }),
    );
  });

  it('lays bytes out as OpenWhisk: length of the vector, vector, text, tag of 16', () => {
    const locked = Buffer.from(lockText('"secret"', lock), 'base64');
    const { ivBytes } = sizesOf(scheme);
    expect(locked.readUInt32BE(0)).toBe(ivBytes);
    expect(locked.subarray(4, 4 + ivBytes)).toEqual(lock.iv);
    expect(locked).toHaveLength(4 + ivBytes + '"secret"'.length + 16);
  });

  it('knows by how much a text grew', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        const clear = JSON.stringify(given);
        const value = lockText(clear, lock);
        const grown = Buffer.byteLength(JSON.stringify(value)) - Buffer.byteLength(clear);
        expect(lockExpansion({ key: 'a', value, encryption: scheme })).toBe(grown);
        expect(lockExpansion({ key: 'a', value })).toBe(0);
      }),
    );
    expect(lockExpansion({ key: 'a', value: 'AAAA', encryption: scheme })).toBe(0);
    expect(lockExpansion({ key: 'a', value: 7, encryption: scheme })).toBe(0);
    expect(lockExpansion({ key: 'a', value: 'x'.repeat(1000), encryption: 'rot13' })).toBe(0);
  });

  it('opens nothing that was changed, cut, or locked with another key', () => {
    const locked = lockText('"secret"', lock);
    expect(unlockText(locked, { scheme, key: bytes(lock.key.length, 2) })).toBeUndefined();
    const whole = Buffer.from(locked, 'base64');
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      expect(unlockText(changed.toString('base64'), lock)).toBeUndefined();
      expect(unlockText(whole.subarray(0, at).toString('base64'), lock)).toBeUndefined();
    }
  });

  it('takes any text for what is not locked', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(unlockText(text, lock)).toBeUndefined();
      }),
    );
  });
});

/** Made by Java's AES/GCM/NoPadding, which OpenWhisk uses, with a tag of 128 bits. */
it.each([
  [
    'aes-128',
    'AAAADMjJysvMzc7P0NHS03pU2Rly1OWqQ8DJlr9wlFNnP5JoRVhXnFMucTURkpbiaCyMYg28V2Pn7A30ly9Ne5SQt+ixB8v/',
  ],
  [
    'aes-256',
    'AAAAgMjJysvMzc7P0NHS09TV1tfY2drb3N3e3+Dh4uPk5ebn6Onq6+zt7u/w8fLz9PX29/j5+vv8/f7/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHBVnB3Axu71R8t4RCECJEOCoWz+KVP7qTJTJltCCnh7LC3Z2Gv4RAPVhy7cL69oZKtPL9R82CqxY=',
  ],
] as const)('opens what the library that OpenWhisk uses has locked with %s', (scheme, locked) => {
  expect(unlockText(locked, lockOf(scheme))).toBe('{"n":12345678901234567890,"s":"grüße"}');
  expect(lockText('{"n":12345678901234567890,"s":"grüße"}', lockOf(scheme))).toBe(locked);
});
