import type { WireOffer, WireResource } from '@vibrissa/mesos/wire';
import { differences } from './compare.ts';

interface HeldOffer {
  readonly offer: WireOffer;
  claimed: boolean;
  /** Used by the client or taken back. */
  gone: boolean;
}

/** How a recorded offer was found among the simulator's. */
export type Claim =
  | { readonly kind: 'exact'; readonly offer: WireOffer }
  /** Offers of the same agent and role, but split or sized otherwise. */
  | { readonly kind: 'split'; readonly offer: WireOffer; readonly differences: readonly string[] }
  /** Offers of that agent for another role. */
  | { readonly kind: 'other-role'; readonly offer: WireOffer }
  /** Its resources are in an offer that was claimed for an earlier one. */
  | { readonly kind: 'merged' };

/**
 * The offers of one subscription. When a task ends and when the master allocates is a race, so a real master and the
 * simulator may cut the same resources into offers differently; the recorded offer then stands for all that the
 * simulator has offered of that agent and role since.
 */
export class OfferClaims {
  readonly #held = new Map<string, HeldOffer>();
  readonly #claims = new Map<string, readonly string[]>();
  readonly #used = new Set<string>();

  offered(offer: WireOffer): void {
    this.#held.set(offer.id.value, { offer, claimed: false, gone: false });
  }

  rescinded(id: string): void {
    const held = this.#held.get(id);
    if (held) held.gone = true;
  }

  /** The simulator's offers for a recorded one that a call names: those that are left, unless it was used before. */
  idsFor(recordedId: string): readonly string[] | undefined {
    const ids = this.#claims.get(recordedId);
    if (!ids || this.#used.has(recordedId)) return ids;
    this.#used.add(recordedId);
    const left = ids.filter((id) => this.#held.get(id)?.gone === false);
    return left.length > 0 ? left : ids;
  }

  knows(recordedId: string): boolean {
    return this.#claims.has(recordedId);
  }

  /** A call has used them. */
  used(ids: readonly string[]): void {
    for (const id of ids) this.rescinded(id);
  }

  canClaim(recorded: WireOffer): boolean {
    const { hostname } = recorded;
    return (
      this.#unclaimed((offer) => offer.hostname === hostname).length > 0 ||
      this.#covering(recorded).length > 0
    );
  }

  canClaimExactly(recorded: WireOffer): boolean {
    return this.#candidates(recorded).some((each) => compare(recorded, each.offer).length === 0);
  }

  claim(recorded: WireOffer): Claim | undefined {
    const candidates = this.#candidates(recorded);
    const exact = candidates.find((each) => compare(recorded, each.offer).length === 0);
    if (exact) return this.#take(recorded, [exact], { kind: 'exact', offer: exact.offer });
    const [first] = candidates;
    if (first) {
      return this.#take(recorded, candidates, {
        kind: 'split',
        offer: first.offer,
        differences: compare(recorded, first.offer),
      });
    }
    const [other] = this.#unclaimed((offer) => offer.hostname === recorded.hostname);
    if (other) return this.#take(recorded, [other], { kind: 'other-role', offer: other.offer });
    const covering = this.#covering(recorded);
    return covering.length > 0 ? this.#take(recorded, covering, { kind: 'merged' }) : undefined;
  }

  /** What else is held of the agents of these recorded offers: who declines one, has no use for the others. */
  takeRest(recordedIds: readonly string[]): readonly string[] {
    const declined = recordedIds.flatMap((id) => this.#claims.get(id) ?? []);
    const hostnames = declined.map((id) => this.#held.get(id)?.offer.hostname);
    const rest = this.#unclaimed((offer) => hostnames.includes(offer.hostname));
    for (const each of rest) each.claimed = true;
    return rest.map((each) => each.offer.id.value);
  }

  /** Offers that nothing recorded stands for. */
  get extra(): readonly WireOffer[] {
    return [...this.#held.values()].filter((each) => !each.claimed).map((each) => each.offer);
  }

  #candidates(recorded: WireOffer): HeldOffer[] {
    return this.#unclaimed((offer) => alike(recorded, offer));
  }

  #covering(recorded: WireOffer): HeldOffer[] {
    return [...this.#held.values()].filter(
      (each) => each.claimed && !each.gone && alike(recorded, each.offer),
    );
  }

  #unclaimed(fits: (offer: WireOffer) => boolean): HeldOffer[] {
    return [...this.#held.values()].filter((each) => !each.claimed && !each.gone && fits(each.offer));
  }

  #take(recorded: WireOffer, held: readonly HeldOffer[], claim: Claim): Claim {
    for (const each of held) each.claimed = true;
    this.#claims.set(
      recorded.id.value,
      held.map((each) => each.offer.id.value),
    );
    return claim;
  }
}

function alike(left: WireOffer, right: WireOffer): boolean {
  return (
    left.hostname === right.hostname &&
    left.allocation_info?.role === right.allocation_info?.role &&
    (left.unavailability === undefined) === (right.unavailability === undefined)
  );
}

/** Everything of an offer but its ids, which are learned; resources in any order. */
function compare(recorded: WireOffer, simulated: WireOffer): string[] {
  const ids = { id: simulated.id, framework_id: simulated.framework_id, agent_id: simulated.agent_id };
  return differences(
    { ...recorded, ...ids, resources: recorded.resources.toSorted(byName) },
    { ...simulated, resources: simulated.resources.toSorted(byName) },
  );
}

function byName(left: WireResource, right: WireResource): number {
  return sortKey(left) < sortKey(right) ? -1 : 1;
}

function sortKey(resource: WireResource): string {
  return `${resource.name} ${JSON.stringify(resource.reservations ?? [])} ${JSON.stringify(resource.disk ?? '')}`;
}
