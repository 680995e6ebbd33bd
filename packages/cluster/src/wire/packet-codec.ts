import type { Address } from '../membership/member.ts';
import { isEnvelope, isPacket } from './packet-shape.ts';
import type { Packet } from './packet.ts';

/** As JSON in UTF-8, not sealed. */
export function encodePacket(packet: Packet): Buffer {
  return Buffer.from(JSON.stringify(packet));
}

/** Undefined: it is not a packet that this version knows. Never throws. */
export function decodePacket(bytes: Buffer): Packet | undefined {
  const value = opened(bytes);
  return isPacket(value) ? value : undefined;
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
