import { createCipheriv, createDecipheriv } from 'node:crypto';

import type { Parameter } from '@vibrissa/protocol';

const LENGTH_BYTES = 4;
const TAG_BYTES = 16;

/** OpenWhisk's schemes; the sizes of their initialisation vectors are its own, and fixed. */
const schemes = {
  'aes-128': { algorithm: 'aes-128-gcm', keyBytes: 16, ivBytes: 12 },
  'aes-256': { algorithm: 'aes-256-gcm', keyBytes: 32, ivBytes: 128 },
} as const;

/** How a value may be locked. */
export type LockScheme = keyof typeof schemes;

export function isLockScheme(name: string): name is LockScheme {
  return Object.hasOwn(schemes, name);
}

/** Bytes of a key, and of the initialisation vector that each value gets anew. */
export function sizesOf(scheme: LockScheme): { readonly keyBytes: number; readonly ivBytes: number } {
  return schemes[scheme];
}

/** How many bytes longer a value's JSON text is for being locked, quotes included; 0 for what is not locked. */
export function lockExpansion({ value, encryption }: Parameter): number {
  if (encryption === undefined || typeof value !== 'string' || !isLockScheme(encryption)) return 0;
  const clear = Buffer.byteLength(value, 'base64') - LENGTH_BYTES - schemes[encryption].ivBytes - TAG_BYTES;
  return clear < 0 ? 0 : value.length + 2 - clear;
}

interface Lock {
  readonly scheme: LockScheme;
  readonly key: Buffer;
}

/**
 * Locks a text as OpenWhisk does (its `ParameterEncryption`): base64 of `length of iv(4, big endian) iv ciphertext tag(16)`.
 * The same `iv` must never serve twice under one key.
 */
export function lockText(text: string, { scheme, key, iv }: Lock & { readonly iv: Buffer }): string {
  const { algorithm, ivBytes } = schemes[scheme];
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([length, iv, body, cipher.getAuthTag()]).toString('base64');
}

/** The text that was locked; undefined when the key doesn't open it, or it is not what {@link lockText} makes. */
export function unlockText(locked: string, { scheme, key }: Lock): string | undefined {
  const { algorithm, ivBytes } = schemes[scheme];
  const bytes = Buffer.from(locked, 'base64');
  const bodyAt = LENGTH_BYTES + ivBytes;
  if (bytes.length < bodyAt + TAG_BYTES || bytes.readUInt32BE(0) !== ivBytes) return undefined;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(LENGTH_BYTES, bodyAt), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(bodyAt, bytes.length - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
