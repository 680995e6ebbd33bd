import type { WireAttribute, WireDomain, WireResource } from '@vibrissa/mesos/wire';

/** What an agent offers and how it is reached. */
export interface AgentInfo {
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
  /** Unreserved resources have no `reservations`. */
  readonly resources: readonly WireResource[];
  readonly attributes: readonly WireAttribute[];
  readonly domain?: WireDomain;
  readonly version: string;
}
