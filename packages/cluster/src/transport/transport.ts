import type { Address } from '../membership/member.ts';
import type { Packet } from '../wire/packet.ts';

/**
 * Carries packets between instances: sealed, authenticated, without any promise. A packet may be lost, doubled, late, or
 * overtaken, but never changed or made up by a stranger.
 *
 *     const transport = await SocketTransport.open({ name, secrets, listen, clock, random, listener });
 *     transport.send(address, packet, { reliable: true });
 */
export interface ClusterTransport {
  /** The port that was bound. */
  readonly port: number;
  /** `reliable`: by TCP, in order per connection, for what is large or must not be lost lightly; else one datagram. */
  send(to: Address, packet: Packet, options: { readonly reliable: boolean }): void;
  close(): Promise<void>;
}

export interface TransportListener {
  /** `from` is the address that the sender gives as its own, not that of its socket. */
  onPacket(packet: Packet): void;
  /** Something came that nobody with the secret and of this version has sent; counted, told at most once a second for each reason. */
  onRefused(refused: RefusedTraffic): void;
  /** A packet that can never be sent, however often it is tried; it should be logged. */
  onUnsendable?(unsendable: UnsendablePacket): void;
}

export interface RefusedTraffic {
  /** Of the last one. */
  readonly from: Address;
  readonly why: RefusalReason;
  /** How many there were since this reason was told last, this one included; default 1. */
  readonly count?: number;
}

/**
 * `other-version`: a member of this cluster says something that this version of the program does not know. It is passed
 * over, and the connection stays: while instances are upgraded one after the other, both versions work side by side.
 */
export type RefusalReason = 'unknown-key' | 'forged' | 'malformed' | 'other-cluster' | 'other-version';

export interface UnsendablePacket {
  readonly to: Address;
  readonly layer: Packet['body']['layer'];
  /** A sentence. */
  readonly why: string;
}
