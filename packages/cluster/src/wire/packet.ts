import type { FoundingMessage } from '../founding/founding-messages.ts';
import type { Address } from '../membership/member.ts';
import type { SwimMessage } from '../membership/swim-messages.ts';
import type { RaftMessage } from '../consensus/raft-messages.ts';
import type { MapMessage } from '../map/map-messages.ts';

/**
 * Of packets and of entries of the log; each member tells its own in `meta.protocol`. Raise it with each message, kind of
 * entry or field that others must understand, and say such things only to members whose number is high enough; see
 * "Change what instances say to each other" in CONTRIBUTING.md.
 */
export const PROTOCOL_VERSION = 1;

/** What travels from one instance to another; JSON when it is open, see `seal.ts` for what is on the wire. */
export interface Packet {
  readonly from: { readonly id: string; readonly generation: number; readonly address: Address };
  /** To whom, where the sender knows it: a new instance at an old address is not meant. */
  readonly to?: string;
  /** Of the cluster to which the sender belongs; absent before it belongs to one. */
  readonly clusterId?: string;
  /** The sender's wall clock, epoch milliseconds: clocks that are far apart are told to people. */
  readonly at: number;
  readonly body: PacketBody;
}

export type PacketBody =
  | { readonly layer: 'swim'; readonly message: SwimMessage }
  | { readonly layer: 'founding'; readonly message: FoundingMessage }
  | { readonly layer: 'raft'; readonly message: RaftMessage }
  | { readonly layer: 'map'; readonly message: MapMessage };
