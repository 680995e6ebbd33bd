/** Where an instance is reached: UDP and TCP at the same port number. IPv6 addresses stand without brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * What an instance tells all others of itself; at most 512 bytes as JSON are its program's. Words with a meaning here:
 * `seed` (what the seed source calls it), `version` (of its program, for people), `protocol` (`PROTOCOL_VERSION` of the
 * cluster package), `leaving` (it gives its vote away).
 */
export type MemberMeta = Readonly<Record<string, Json>>;

/**
 * `alive` ← refutes ← `suspect` → `dead`; `left`: it has said goodbye. A dead one that speaks again under the same id is
 * alive with a higher incarnation.
 */
export type MemberState = 'alive' | 'suspect' | 'dead' | 'left';

/** An instance, as gossip knows it. */
export interface Member {
  /** Of its data directory; an instance without one has a new id with each start. */
  readonly id: string;
  readonly address: Address;
  /** Grows with each start of the same id. */
  readonly generation: number;
  /** Grows when it contradicts what others say of it; counted within a generation. */
  readonly incarnation: number;
  readonly state: MemberState;
  readonly meta: MemberMeta;
}

export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
