import type { WireOffer } from '../wire/index.ts';

export interface HoldOptions {
  /** How long an offer is kept for tasks to come; less than the master's `--offer_timeout`. */
  readonly holdMs: number;
  /** How many are kept; 0: none, each goes back after the round in which it came. */
  readonly maxOffers: number;
}

/** One for all: each step of the scheduler asks what goes back, and mostly nothing does. */
const none: readonly never[] = [];

interface HeldOffer {
  readonly offer: WireOffer;
  readonly sinceMs: number;
}

/**
 * The offers in hand: received, and neither accepted, declined nor rescinded. What `take`, `expired` and `overflow`
 * return is out of the book, for one ACCEPT or DECLINE: no offer is used twice.
 */
export class OfferBook {
  readonly #options: HoldOptions;
  /** In the order of their coming, which is the order in which they expire. */
  readonly #held = new Map<string, HeldOffer>();

  constructor(options: HoldOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  /** When the oldest one expires; times are those of `nowMs`. */
  get nextDeadlineMs(): number | undefined {
    if (this.#held.size === 0) return undefined;
    for (const { sinceMs } of this.#held.values()) return sinceMs + this.#options.holdMs;
    return undefined;
  }

  add(offers: readonly WireOffer[], nowMs: number): void {
    for (const offer of offers) {
      if (!this.#held.has(offer.id.value)) this.#held.set(offer.id.value, { offer, sinceMs: nowMs });
    }
  }

  /** The master has taken it back. False: it was not in hand, so an ACCEPT with it may be under way and will fail. */
  rescind(offerId: string): boolean {
    return this.#held.delete(offerId);
  }

  /** Those of them that are still in hand. */
  take(offerIds: Iterable<string>): readonly WireOffer[] {
    const taken: WireOffer[] = [];
    for (const id of offerIds) {
      const held = this.#held.get(id);
      if (held !== undefined) taken.push(held.offer);
      this.#held.delete(id);
    }
    return taken;
  }

  /** A new subscription: all offers of before are void, without a RESCIND. */
  clear(): void {
    this.#held.clear();
  }

  /** All of them, or a role's; offers that name no role are everybody's (a framework without MULTI_ROLE). */
  all(role?: string): readonly WireOffer[] {
    const offers: WireOffer[] = [];
    for (const { offer } of this.#held.values()) {
      if (role === undefined || (offer.allocation_info?.role ?? role) === role) offers.push(offer);
    }
    return offers;
  }

  /** Removes what was held for its time, so that other frameworks can have it. */
  expired(nowMs: number): readonly WireOffer[] {
    if (this.#held.size === 0) return none;
    const ids: string[] = [];
    for (const [id, { sinceMs }] of this.#held) {
      if (sinceMs + this.#options.holdMs > nowMs) break;
      ids.push(id);
    }
    return this.take(ids);
  }

  /** Removes what is beyond the cap: the oldest, which would expire next. */
  overflow(): readonly WireOffer[] {
    const beyond = this.#held.size - this.#options.maxOffers;
    return beyond <= 0 ? none : this.take([...this.#held.keys()].slice(0, beyond));
  }
}
