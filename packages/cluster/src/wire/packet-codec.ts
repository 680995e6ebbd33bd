import type { Address } from '../membership/member.ts';
import { isEnvelope, isPacket } from './packet-shape.ts';
import type { Packet } from './packet.ts';

/**
 * A change of the map has at most 1 MB; this is that, and what is around it. A larger one, once it were in the log, would
 * fit no frame to the others, and hold up all that comes after it.
 */
const MOST_MAP_BYTES = 1024 * 1024 + 64 * 1024;

/** As JSON in UTF-8, not sealed. */
export function encodePacket(packet: Packet): Buffer {
  return Buffer.from(JSON.stringify(packet));
}

/** Undefined: it is not a packet that this version knows. Never throws. */
export function decodePacket(bytes: Buffer): Packet | undefined {
  const value = opened(bytes);
  if (!isPacket(value)) return undefined;
  return value.body.layer === 'map' && bytes.length > MOST_MAP_BYTES ? undefined : value;
}

/** Who has sent what {@link decodePacket} does not know, if it is a packet of another version. Never throws. */
export function senderOfUnknown(bytes: Buffer): Address | undefined {
  const value = opened(bytes);
  return isEnvelope(value) ? value.from.address : undefined;
}

function opened(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
