import type { RangesResource, ScalarResource, WireOffer, WireRange, WireResource } from '../wire/index.ts';
import { PORTS, SCALAR_NAMES, toMilli, type Amounts } from './resource-amounts.ts';

/** An entry of an offer that an ordinary task of the role may take from. */
export interface UsableScalar {
  readonly resource: ScalarResource;
  /** Index into {@link Amounts}. */
  readonly dimension: number;
  /** Taken first when lower: 0 reserved for the role, 1 for a role above it, 2 for nobody. */
  readonly rank: number;
  readonly milli: number;
}

export interface UsablePorts {
  readonly resource: RangesResource;
  readonly rank: number;
  /** From the lowest, disjoint. */
  readonly ranges: readonly WireRange[];
}

export interface OfferContents {
  readonly offer: WireOffer;
  readonly free: Amounts;
  readonly scalars: readonly UsableScalar[];
  readonly ports: readonly UsablePorts[];
}

const UNRESERVED = 2;
const LAST_PORT = 65_535;

/** What was read for the last role, for as long as there is the offer: one in hand is looked at in every round. */
const known = new WeakMap<WireOffer, { readonly role: string; readonly contents: OfferContents }>();

/**
 * What a task of the role may take of an offer. A name can stand several times, once for each reservation. Left out:
 * what is reserved for others, volumes and disks with a source, revocable and shared resources, since they mean
 * something else than an amount. An offer must not change once it was read.
 */
export function readOffer(offer: WireOffer, role: string): OfferContents {
  const before = known.get(offer);
  if (before?.role === role) return before.contents;
  const contents = readAnew(offer, role);
  known.set(offer, { role, contents });
  return contents;
}

function readAnew(offer: WireOffer, role: string): OfferContents {
  const free = [0, 0, 0, 0, 0];
  const scalars: UsableScalar[] = [];
  const ports: UsablePorts[] = [];
  for (const resource of offer.resources) {
    const rank = rankOf(resource, role);
    if (rank === undefined) continue;
    if (resource.type === 'RANGES' && resource.name === 'ports') {
      const ranges = disjoint(resource.ranges.range);
      ports.push({ resource, rank, ranges });
      free[PORTS] = (free[PORTS] ?? 0) + countPorts(ranges);
    } else if (resource.type === 'SCALAR') {
      const dimension = SCALAR_NAMES.indexOf(resource.name);
      const milli = toMilli(resource.scalar.value);
      if (dimension < 0 || milli === 0) continue;
      scalars.push({ resource, dimension, rank, milli });
      free[dimension] = (free[dimension] ?? 0) + milli;
    }
  }
  return { offer, free, scalars, ports };
}

/** How many ports are in disjoint ranges. */
export function countPorts(ranges: readonly WireRange[]): number {
  return ranges.reduce((sum, { begin, end }) => sum + Math.max(0, end - begin + 1), 0);
}

/** Does it hold anything that nobody but the role (or a role above it) can take? */
export function holdsReserved(contents: OfferContents): boolean {
  return [...contents.scalars, ...contents.ports].some(({ rank }) => rank < UNRESERVED);
}

function rankOf(resource: WireResource, role: string): number | undefined {
  if (resource.disk !== undefined || resource.revocable !== undefined || resource.shared !== undefined) {
    return undefined;
  }
  const owner = ownerOf(resource);
  if (owner === '*') return UNRESERVED;
  if (owner === role) return 0;
  // The master gives what is reserved for `eng` also to `eng/web`.
  return owner !== undefined && role.startsWith(`${owner}/`) ? 1 : undefined;
}

/** The role that it is reserved for, in either format; `*`: nobody. */
function ownerOf(resource: WireResource): string | undefined {
  const innermost = resource.reservations?.at(-1);
  return innermost === undefined ? (resource.role ?? '*') : innermost.role;
}

/** Only what can be a port: a number beyond would be dealt out, too, and beyond 2^53 counting up gets nowhere. */
function disjoint(ranges: readonly WireRange[]): readonly WireRange[] {
  let next = 1;
  return ranges
    .toSorted((one, other) => one.begin - other.begin)
    .map(({ begin, end }) => {
      const range = { begin: Math.max(Math.ceil(begin), next), end: Math.min(Math.floor(end), LAST_PORT) };
      next = Math.max(next, range.end + 1);
      return range;
    })
    .filter(({ begin, end }) => begin <= end);
}
