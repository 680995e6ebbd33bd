import { describe, expect, test } from 'vitest';

import { KeyRing } from '../../src/wire/key-ring.ts';
import { openDatagram, sealDatagram, sealedBytes, WIRE_VERSION } from '../../src/wire/seal.ts';

const OLD = 'the old secret of the cluster';
const NEW = 'the new secret of the cluster';

function ring(secrets: readonly string[] = [OLD], name = 'test'): KeyRing {
  return new KeyRing({ name, secrets });
}

const plain = Buffer.from('{"hello":"there"}');

test('who has the secret opens what was sealed', () => {
  const sealed = sealDatagram(ring(), plain);
  expect(openDatagram(ring(), sealed)).toEqual({ kind: 'opened', plain });
  expect(sealed).toHaveLength(sealedBytes(plain.length));
  expect(sealed.includes('hello')).toBe(false);
});

test('the same is never sealed to the same twice', () => {
  const keys = ring();
  const sealed = Array.from({ length: 100 }, () => sealDatagram(keys, plain).toString('hex'));
  expect(new Set(sealed).size).toBe(100);
});

test('a secret is changed in three rounds, and all understand each other between any two', () => {
  const rounds = [[OLD], [OLD, NEW], [NEW, OLD], [NEW]].map((secrets) => ring(secrets));
  for (const [at, one] of rounds.entries()) {
    for (const other of rounds.slice(Math.max(0, at - 1), at + 2)) {
      expect(openDatagram(other, sealDatagram(one, plain)).kind).toBe('opened');
    }
  }
  expect(openDatagram(rounds[3]!, sealDatagram(rounds[0]!, plain)).kind).toBe('refused');
});

describe('what is refused', () => {
  const keys = ring();
  const sealed = sealDatagram(keys, plain);

  test('a datagram of which any byte was changed', () => {
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(openDatagram(keys, changed).kind).toBe('refused');
    }
  });

  test('a datagram that was cut off anywhere, or goes on', () => {
    for (let length = 0; length < sealed.length; length++) {
      expect(openDatagram(keys, sealed.subarray(0, length)).kind).toBe('refused');
    }
    expect(openDatagram(ring(), Buffer.concat([sealed, Buffer.of(0)]))).toEqual({
      kind: 'refused',
      why: 'forged',
    });
  });

  test('each with its reason: another secret, another cluster with the same one, no datagram of ours', () => {
    expect(openDatagram(ring([NEW]), sealed)).toEqual({ kind: 'refused', why: 'unknown-key' });
    expect(openDatagram(ring([OLD], 'other'), sealed)).toEqual({ kind: 'refused', why: 'other-cluster' });
    const newer = Buffer.concat([Buffer.of(WIRE_VERSION + 1), sealed.subarray(1)]);
    expect(openDatagram(ring(), newer)).toEqual({ kind: 'refused', why: 'other-version' });
    expect(openDatagram(ring([OLD], 'other'), newer)).toEqual({ kind: 'refused', why: 'malformed' });
    expect(openDatagram(ring(), Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n\r\n'))).toEqual({
      kind: 'refused',
      why: 'malformed',
    });
  });
});

describe('secrets', () => {
  test.each([[['fifteen letters']], [[OLD, 'short']], [[]]])('%j are refused, and not shown', (secrets) => {
    let error: unknown;
    try {
      ring(secrets);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'WEAK_SECRET',
      mend: expect.stringContaining('openssl rand') as string,
    });
    expect((error as Error).message).not.toMatch(/fifteen|short/);
  });
});
