import { randomBytes } from 'node:crypto';

/** A random whole number below 2^53, as `--web-secure true` generates it. */
export function randomSecret(): number {
  return Number(randomBytes(8).readBigUInt64BE() >> 11n);
}
