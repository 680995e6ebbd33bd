/**
 * Resources as they travel: a list in which a name may stand several times (reserved and unreserved, offers of
 * several parts). Scalars count in units (`cpus`) or MB (`mem`, `disk`) with three decimals; ranges are inclusive.
 */
export type WireResource = ScalarResource | RangesResource | SetResource;

interface ResourceCommon {
  /** `cpus`, `mem`, `disk`, `gpus`, `ports`, or what an operator declared. */
  readonly name: string;
  /** For whom it is allocated; in each resource of an offer to a MULTI_ROLE framework. */
  readonly allocation_info?: { readonly role?: string };
  /** Outermost first; the last one names the role that owns it. Only with RESERVATION_REFINEMENT. */
  readonly reservations?: readonly WireReservation[];
  /** The old format: the role that it is reserved for, or `*`. */
  readonly role?: string;
  readonly disk?: unknown;
  readonly revocable?: unknown;
  readonly shared?: unknown;
  readonly provider_id?: { readonly value: string };
}

export interface ScalarResource extends ResourceCommon {
  readonly type: 'SCALAR';
  readonly scalar: { readonly value: number };
}

export interface RangesResource extends ResourceCommon {
  readonly type: 'RANGES';
  readonly ranges: { readonly range: readonly WireRange[] };
}

export interface SetResource extends ResourceCommon {
  readonly type: 'SET';
  readonly set: { readonly item: readonly string[] };
}

export interface WireRange {
  readonly begin: number;
  readonly end: number;
}

export interface WireReservation {
  readonly type?: 'STATIC' | 'DYNAMIC';
  readonly role?: string;
  readonly principal?: string;
  readonly labels?: WireLabels;
}

export interface WireLabels {
  readonly labels: readonly { readonly key: string; readonly value?: string }[];
}
