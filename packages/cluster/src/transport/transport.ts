import type { Address } from '../membership/member.ts';
import type { Packet } from '../wire/packet.ts';

/**
 * Carries packets between instances: sealed, authenticated, without any promise. A packet may be lost, doubled, late, or
 * overtaken, but never changed or made up by a stranger.
 *
 *     const transport = await SocketTransport.open({ listen, keys, clusterName, onPacket, onRefused });
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
  /** Something came that nobody with the secret has sent; counted, told at most once a second. */
  onRefused(refused: RefusedTraffic): void;
}

export interface RefusedTraffic {
  readonly from: Address;
  readonly why: 'unknown-key' | 'forged' | 'malformed' | 'other-cluster';
}
