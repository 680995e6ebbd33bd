import type { WireReservation, WireResource } from '@vibrissa/mesos/wire';
import { normalRanges, rangesContain, subtractRanges, type Ranges } from './ranges.ts';

/**
 * An amount of resources, immutable. Scalars count in integers of thousandths, so that 0.1 ten times is 1. What differs
 * in name, reservation, disk or provider is counted apart; to whom it is allocated is not part of it.
 */
export class Resources {
  readonly #kinds: ReadonlyMap<string, Amount>;

  private constructor(kinds: ReadonlyMap<string, Amount>) {
    this.#kinds = kinds;
  }

  // A getter: the compiler loses the class in the initialiser of a static field of its own type.
  static get none(): Resources {
    return NONE;
  }

  /** Understands the format before RESERVATION_REFINEMENT, too. */
  static of(wire: readonly WireResource[]): Resources {
    const kinds = new Map<string, Amount>();
    for (const resource of wire) {
      const amount = amountOf(resource);
      const key = keyOf(amount);
      const other = kinds.get(key);
      kinds.set(key, other === undefined ? amount : sum(other, amount));
    }
    return new Resources(kinds);
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  add(other: Resources): Resources {
    if (this.isEmpty) return other;
    if (other.isEmpty) return this;
    const kinds = new Map(this.#kinds);
    for (const [key, amount] of other.#kinds) {
      const mine = kinds.get(key);
      kinds.set(key, mine === undefined ? amount : sum(mine, amount));
    }
    return new Resources(kinds);
  }

  /** What is left when `other` is taken away; never less than nothing. */
  subtract(other: Resources): Resources {
    if (other.isEmpty) return this;
    const kinds = new Map(this.#kinds);
    for (const [key, amount] of other.#kinds) {
      const mine = kinds.get(key);
      if (mine === undefined) continue;
      const left = difference(mine, amount);
      if (left === undefined) kinds.delete(key);
      else kinds.set(key, left);
    }
    return new Resources(kinds);
  }

  contains(other: Resources): boolean {
    for (const [key, amount] of other.#kinds) {
      const mine = this.#kinds.get(key);
      if (mine === undefined ? amount.milli > 0 || amount.ranges.length > 0 : !covers(mine, amount))
        return false;
    }
    return true;
  }

  /** What a role may be offered: what is reserved for it or for a role above it, and the unreserved. */
  forRole(role: string): Resources {
    return this.#where(({ resource }) => {
      const owner = reservedFor(resource);
      return owner === undefined || owner === role || role.startsWith(`${owner}/`);
    });
  }

  /** Only what is reserved. */
  get reserved(): Resources {
    return this.#where(({ resource }) => reservedFor(resource) !== undefined);
  }

  /** The sum over all reservations, in thousandths. */
  scalarMilli(name: string): number {
    let milli = 0;
    for (const { resource, milli: mine } of this.#kinds.values()) if (resource.name === name) milli += mine;
    return milli;
  }

  /** Sums of all scalars by name, in thousandths. */
  get scalarsMilli(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { resource, milli } of this.#kinds.values()) {
      if (resource.type === 'SCALAR') sums.set(resource.name, (sums.get(resource.name) ?? 0) + milli);
    }
    return sums;
  }

  /** One entry per kind, ports of everybody first, then reserved ones, as a master orders them. */
  toWire(): WireResource[] {
    return this.#ordered().map((amount) => wireOf(amount));
  }

  /** Each kind with its owner, as `toWire` orders them. */
  get entries(): readonly { readonly resource: WireResource; readonly reservedFor: string | undefined }[] {
    return this.#ordered().map((amount) => ({
      resource: wireOf(amount),
      reservedFor: reservedFor(amount.resource),
    }));
  }

  #ordered(): Amount[] {
    const rank = ({ resource }: Amount): number =>
      reservedFor(resource) !== undefined ? 1 : resource.name === 'ports' ? 0 : 2;
    return [...this.#kinds.values()].sort((a, b) => rank(a) - rank(b));
  }

  #where(keep: (amount: Amount) => boolean): Resources {
    const kept = new Map([...this.#kinds].filter(([, amount]) => keep(amount)));
    return kept.size === this.#kinds.size ? this : new Resources(kept);
  }
}

const NONE = Resources.of([]);

/** The role that owns a resource: that of its last reservation. */
export function reservedFor(resource: WireResource): string | undefined {
  return resource.reservations?.at(-1)?.role;
}

/** `resource` is the pattern for its wire form; its own value counts not. */
interface Amount {
  readonly resource: WireResource;
  readonly milli: number;
  readonly ranges: Ranges;
  readonly items: readonly string[];
}

function amountOf(wire: WireResource): Amount {
  const { allocation_info: _allocation, role, ...rest } = wire;
  const resource = (role === undefined || role === '*' ? rest : withReservation(rest, role)) as WireResource;
  return {
    resource,
    milli: wire.type === 'SCALAR' ? Math.round(wire.scalar.value * 1000) : 0,
    ranges: wire.type === 'RANGES' ? normalRanges(wire.ranges.range) : [],
    items: wire.type === 'SET' ? wire.set.item : [],
  };
}

/** The old format names the role beside the amount, and the dynamic reservation without type and role. */
function withReservation(rest: object, role: string): object {
  const { reservation, ...others } = rest as { reservation?: WireReservation };
  const made: WireReservation =
    reservation === undefined ? { type: 'STATIC', role } : { ...reservation, type: 'DYNAMIC', role };
  return { ...others, reservations: [made] };
}

function keyOf({ resource }: Amount): string {
  const { name, reservations, disk, revocable, shared, provider_id: provider } = resource;
  const plain = disk ?? revocable ?? shared ?? provider;
  if (plain === undefined && (reservations === undefined || reservations.length === 0)) return name;
  return JSON.stringify([name, (reservations ?? []).map(reservationKey), disk, revocable, shared, provider]);
}

/** Independent of the order of the fields. */
function reservationKey({ type, role, principal, labels }: WireReservation): unknown {
  return [
    type ?? 'STATIC',
    role,
    principal ?? '',
    (labels?.labels ?? []).map(({ key, value }) => [key, value]),
  ];
}

function sum(a: Amount, b: Amount): Amount {
  return {
    resource: a.resource,
    milli: a.milli + b.milli,
    ranges: b.ranges.length === 0 ? a.ranges : normalRanges([...a.ranges, ...b.ranges]),
    items: b.items.length === 0 ? a.items : [...new Set([...a.items, ...b.items])],
  };
}

/** Undefined when nothing is left. */
function difference(a: Amount, b: Amount): Amount | undefined {
  const left = {
    resource: a.resource,
    milli: Math.max(0, a.milli - b.milli),
    ranges: b.ranges.length === 0 ? a.ranges : subtractRanges(a.ranges, b.ranges),
    items: a.items.filter((item) => !b.items.includes(item)),
  };
  return left.milli === 0 && left.ranges.length === 0 && left.items.length === 0 ? undefined : left;
}

function covers(a: Amount, b: Amount): boolean {
  return (
    a.milli >= b.milli && rangesContain(a.ranges, b.ranges) && b.items.every((item) => a.items.includes(item))
  );
}

function wireOf({ resource, milli, ranges, items }: Amount): WireResource {
  if (resource.type === 'SCALAR') return { ...resource, scalar: { value: milli / 1000 } };
  if (resource.type === 'RANGES') return { ...resource, ranges: { range: ranges } };
  return { ...resource, set: { item: items } };
}
