import type { WireOffer } from '../wire/index.ts';
import type { Launch, Placed, PlacementRequest } from './placement.ts';
import { PoolParts } from './pool-parts.ts';
import { holdsReserved, readOffer, type OfferContents } from './read-offer.ts';
import { amountsOf, covers, PORTS, type Amounts } from './resource-amounts.ts';

/** The offers of one agent for one role, taken from until nothing fits: what was left only ever shrinks. */
export class AgentPool {
  readonly agentId: string;
  readonly role: string;
  readonly #offers: readonly OfferContents[];
  /** Of each offer what is left. */
  readonly #free: readonly number[][];
  readonly #isPortBlocked: (agentId: string, port: number) => boolean;
  /** Made when something is placed: most pools of a large round see nothing. */
  #parts: PoolParts | undefined;
  readonly #placed: Placed[] = [];
  readonly #accepted: number[] = [];

  constructor(
    role: string,
    offers: readonly WireOffer[],
    isPortBlocked: (agentId: string, port: number) => boolean,
  ) {
    this.agentId = offers[0]?.agent_id.value ?? '';
    this.role = role;
    this.#offers = inOrderOfUse(offers.map((offer) => readOffer(offer, role)));
    this.#free = this.#offers.map(({ free }) => [...free]);
    this.#isPortBlocked = isPortBlocked;
  }

  /** What all offers have left together. */
  get free(): Amounts {
    const [only, ...others] = this.#free;
    if (only === undefined || others.length === 0) return only ?? [0, 0, 0, 0, 0];
    return only.map((amount, dimension) =>
      others.reduce((sum, free) => sum + (free[dimension] ?? 0), amount),
    );
  }

  /** For what holds for the whole agent: attributes, host, domain. */
  get anyOffer(): WireOffer | undefined {
    return this.#offers[0]?.offer;
  }

  /** Takes everything that the request needs, or nothing and answers false: it will never fit this pool. */
  place(request: PlacementRequest): boolean {
    this.#parts ??= new PoolParts(this.#offers, this.#free, (port) =>
      this.#isPortBlocked(this.agentId, port),
    );
    const parts = this.#parts;
    const chosen = this.#choose(amountsOf(request.units), parts);
    if (chosen === undefined) return false;
    const used = new Set<number>();
    const units = request.units.map((unit) => parts.draw(unit, chosen, used));
    // An ACCEPT needs an offer, also for a task that takes nothing.
    if (used.size === 0) used.add(chosen[0] ?? 0);
    for (const offer of used) if (!this.#accepted.includes(offer)) this.#accepted.push(offer);
    const named = this.#offers[Math.min(...used)];
    if (named !== undefined) this.#placed.push({ requestId: request.id, units, offer: named.offer });
    return true;
  }

  /** One ACCEPT for everything placed here; offers of which nothing was taken stay out, and so in hand. */
  launch(): Launch | undefined {
    if (this.#placed.length === 0) return undefined;
    const offers = this.#offers
      .filter((_, index) => this.#accepted.includes(index))
      .map(({ offer }) => offer);
    return { agentId: this.agentId, role: this.role, offers, placed: this.#placed };
  }

  #choose(need: Amounts, parts: PoolParts): readonly number[] | undefined {
    for (;;) {
      const chosen = this.#fewestOffers(need);
      if (chosen === undefined || parts.hasGoodPorts(chosen, need[PORTS] ?? 0)) return chosen;
    }
  }

  /** One offer that has everything, else as many as it takes: an ACCEPT fails whole when one of its offers is gone. */
  #fewestOffers(need: Amounts): readonly number[] | undefined {
    const alone = this.#free.findIndex((free) => covers(free, need));
    if (alone >= 0) return [alone];
    const chosen: number[] = [];
    let sum: Amounts = [0, 0, 0, 0, 0];
    for (const [index, free] of this.#free.entries()) {
      chosen.push(index);
      sum = sum.map((amount, dimension) => amount + (free[dimension] ?? 0));
      if (covers(sum, need)) return chosen;
    }
    return undefined;
  }
}

/** Reserved resources are of use to nobody else, small rests to few: they go first. */
function inOrderOfUse(offers: readonly OfferContents[]): readonly OfferContents[] {
  if (offers.length < 2) return offers;
  return offers
    .map((contents) => ({ contents, reserved: holdsReserved(contents) ? 0 : 1, mem: contents.free[1] ?? 0 }))
    .toSorted((one, other) => one.reserved - other.reserved || one.mem - other.mem)
    .map(({ contents }) => contents);
}
