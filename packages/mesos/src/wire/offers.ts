import type { WireRange, WireResource } from './resources.ts';

/** Every id of Mesos travels as an object. */
export interface WireId {
  readonly value: string;
}

/** Resources of one agent, for one role, until it is accepted, declined or rescinded. */
export interface WireOffer {
  readonly id: WireId;
  readonly framework_id: WireId;
  readonly agent_id: WireId;
  readonly hostname: string;
  /** The agent's HTTP address: `scheme://ip:port` and its prefix (`/slave(1)`). */
  readonly url?: WireUrl;
  readonly domain?: WireDomain;
  readonly resources: readonly WireResource[];
  readonly attributes?: readonly WireAttribute[];
  readonly executor_ids?: readonly WireId[];
  /** Planned maintenance of the machine. */
  readonly unavailability?: WireUnavailability;
  readonly allocation_info?: { readonly role?: string };
}

export interface WireUrl {
  readonly scheme: string;
  readonly address: { readonly hostname?: string; readonly ip?: string; readonly port: number };
  readonly path?: string;
}

export interface WireDomain {
  readonly fault_domain?: {
    readonly region: { readonly name: string };
    readonly zone: { readonly name: string };
  };
}

export type WireAttribute = { readonly name: string } & (
  | { readonly type: 'TEXT'; readonly text: { readonly value: string } }
  | { readonly type: 'SCALAR'; readonly scalar: { readonly value: number } }
  | { readonly type: 'RANGES'; readonly ranges: { readonly range: readonly WireRange[] } }
  | { readonly type: 'SET'; readonly set: { readonly item: readonly string[] } }
);

export interface WireTime {
  readonly nanoseconds: number;
}

export interface WireUnavailability {
  readonly start: WireTime;
  readonly duration?: WireTime;
}

/** A request to leave an agent before its maintenance begins. */
export interface WireInverseOffer {
  readonly id: WireId;
  readonly framework_id: WireId;
  readonly agent_id?: WireId;
  readonly url?: WireUrl;
  readonly unavailability: WireUnavailability;
  readonly resources?: readonly WireResource[];
}

/** `refuse_seconds`: default 5 s, negative values count as the default, at most 365 days. */
export interface WireFilters {
  readonly refuse_seconds?: number;
}
