import type { Seed } from '../discovery/seed-source.ts';
import type { Lease } from '../lease/leader-lease.ts';
import type { MapChanged } from '../map/replicated-map.ts';
import type { MapCommand, MapOutcome } from '../map/map-messages.ts';
import type { Address } from '../membership/member.ts';
import type { StorageChange } from '../storage/consensus-storage.ts';
import type { RefusedTraffic } from '../transport/transport.ts';
import type { Packet } from '../wire/packet.ts';
import type { ClusterChange } from './cluster.ts';

/** An instance does no I/O here: it takes one of these at a time and returns effects (ADR 10). */
export type ClusterInput =
  | { readonly type: 'start' }
  | { readonly type: 'packet'; readonly packet: Packet }
  | { readonly type: 'refused'; readonly refused: RefusedTraffic }
  | { readonly type: 'seeds'; readonly seeds: readonly Seed[]; readonly instances?: number }
  | { readonly type: 'no-seeds'; readonly error: Error }
  | { readonly type: 'epoch-floor'; readonly floor: number }
  | { readonly type: 'no-epoch-floor'; readonly error: Error }
  | { readonly type: 'persisted'; readonly write: number; readonly error?: Error }
  | {
      readonly type: 'write';
      readonly request: number;
      readonly command: MapCommand;
      readonly withinMs: number;
    }
  | { readonly type: 'read'; readonly request: number; readonly withinMs: number }
  | { readonly type: 'resign'; readonly why: string }
  /** Goes in peace; `left` is its last effect. */
  | { readonly type: 'leave'; readonly forGood: boolean; readonly withinMs: number }
  | { readonly type: 'tick' };

/** What the driver is to do; the order is binding. */
export type ClusterEffect =
  | { readonly type: 'send'; readonly to: Address; readonly packet: Packet; readonly reliable: boolean }
  | { readonly type: 'persist'; readonly write: number; readonly change: StorageChange }
  /** Answered by `seeds` or `no-seeds`. */
  | { readonly type: 'find-seeds' }
  | { readonly type: 'ask-epoch-floor' }
  /** The lease as it is now; `why` when it was lost. */
  | { readonly type: 'lease'; readonly lease: Lease | undefined; readonly why: string }
  | { readonly type: 'map-changed'; readonly changed: MapChanged }
  | { readonly type: 'written'; readonly request: number; readonly outcome: MapOutcome }
  | { readonly type: 'readable'; readonly request: number; readonly outcome: ReadOutcome }
  | { readonly type: 'changed'; readonly change: ClusterChange }
  | { readonly type: 'left' };

export type ReadOutcome = 'readable' | 'no-leader';
