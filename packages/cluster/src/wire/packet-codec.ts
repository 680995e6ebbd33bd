import { isPacket } from './packet-shape.ts';
import type { Packet } from './packet.ts';

/** As JSON in UTF-8, not sealed. */
export function encodePacket(packet: Packet): Buffer {
  return Buffer.from(JSON.stringify(packet));
}

/** Undefined: it is not a packet. Never throws. */
export function decodePacket(bytes: Buffer): Packet | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isPacket(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
