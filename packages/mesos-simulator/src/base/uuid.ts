import type { RandomSource } from './random.ts';

/** A random UUID in its usual form: ids of masters, streams and containers. */
export function newUuid(random: RandomSource): string {
  const hex = newBytes(random).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A random UUID as bytes travel in JSON, in Base64: what identifies a status update. */
export function newUpdateUuid(random: RandomSource): string {
  return newBytes(random).toString('base64');
}

/** Used again for each: nothing is kept of it. */
const bytes = Buffer.alloc(16);

/** 16 bytes of version 4. */
function newBytes(random: RandomSource): Buffer {
  for (let offset = 0; offset < 16; offset += 4)
    bytes.writeUInt32BE(Math.floor(random.next() * 2 ** 32), offset);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes;
}
