import type { Json } from '../membership/member.ts';

/** A value with the index of the log entry that wrote it last. */
export interface Versioned {
  readonly value: Json;
  readonly version: number;
}

/** All of it takes effect, or nothing. */
export interface MapChange {
  /** The key has this version now; 0: it is not there. */
  readonly if?: readonly { readonly key: string; readonly version: number }[];
  /** Only while this epoch lasts: what its leader writes, and nobody after it. */
  readonly epoch?: number;
  readonly put?: Readonly<Record<string, Json>>;
  readonly remove?: readonly string[];
}

/** An entry of the log. The id makes a second attempt harmless. */
export interface MapCommand {
  readonly id: string;
  readonly change: MapChange;
}

export type MapWritten =
  | { readonly kind: 'written'; readonly version: number }
  /** These keys had other versions. */
  | { readonly kind: 'conflict'; readonly keys: readonly string[] }
  | { readonly kind: 'epoch-over'; readonly epoch: number };

export type MapOutcome =
  | MapWritten
  /** No leader was found in time, and nothing was written. */
  | { readonly kind: 'no-leader' }
  /** It may have been written, or not. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'closed' };

/**
 * Between an instance that does not lead and the one that does. A write has no answer: it is done when it turns up in the
 * asker's own log. Nor has what comes to one that does not lead: it is sent again.
 */
export type MapMessage =
  | { readonly kind: 'write'; readonly command: MapCommand }
  /** Wait until your log holds what is committed now, then read there. */
  | { readonly kind: 'read'; readonly request: number }
  | { readonly kind: 'readable'; readonly request: number; readonly index: number };
