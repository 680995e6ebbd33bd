import type { ScalarResource, WireOffer, WireResource } from '../wire/index.ts';
import type { Launch, Placed, PlacementRequest, ResourceNeed } from './match-offers.ts';
import { PortQueue } from './port-queue.ts';
import { holdsReserved, readOffer, type OfferContents } from './read-offer.ts';
import { amountsOf, covers, PORTS, SCALAR_NAMES, type Amounts } from './resource-amounts.ts';

/** What is left of an entry of the offer with that index. */
interface ScalarPart {
  readonly offer: number;
  readonly rank: number;
  readonly resource: ScalarResource;
  left: number;
}

interface PortPart {
  readonly offer: number;
  readonly rank: number;
  readonly queue: PortQueue;
}

/** The offers of one agent for one role, taken from until nothing fits: what was left only ever shrinks. */
export class AgentPool {
  readonly agentId: string;
  readonly role: string;
  readonly #offers: readonly OfferContents[];
  readonly #freeOf: readonly number[][];
  /** For each scalar its entries, reserved ones first. */
  readonly #scalars: readonly ScalarPart[][];
  readonly #ports: readonly PortPart[];
  readonly #placed: Placed[] = [];
  readonly #accepted = new Set<number>();

  constructor(
    role: string,
    offers: readonly WireOffer[],
    isPortBlocked: (agentId: string, port: number) => boolean,
  ) {
    const agentId = offers[0]?.agent_id.value ?? '';
    this.agentId = agentId;
    this.role = role;
    this.#offers = inOrderOfUse(offers.map((offer) => readOffer(offer, role)));
    this.#freeOf = this.#offers.map(({ free }) => [...free]);
    this.#scalars = scalarParts(this.#offers);
    this.#ports = this.#offers
      .flatMap(({ ports }, offer) =>
        ports.map((usable) => ({
          offer,
          rank: usable.rank,
          queue: new PortQueue(usable, (port) => isPortBlocked(agentId, port)),
        })),
      )
      .toSorted((one, other) => one.rank - other.rank);
  }

  /** What all offers have left together. */
  get free(): Amounts {
    const [only, ...others] = this.#freeOf;
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
    const chosen = this.#choose(amountsOf(request.units));
    if (chosen === undefined) return false;
    const used = new Set<number>();
    const units = request.units.map((unit) => this.#draw(unit, chosen, used));
    // An ACCEPT needs an offer, also for a task that takes nothing.
    if (used.size === 0) used.add(chosen[0] ?? 0);
    for (const offer of used) this.#accepted.add(offer);
    const named = this.#offers[Math.min(...used)];
    if (named !== undefined) this.#placed.push({ requestId: request.id, units, offer: named.offer });
    return true;
  }

  /** One ACCEPT for everything placed here; offers of which nothing was taken stay out, and so in hand. */
  launch(): Launch | undefined {
    if (this.#placed.length === 0) return undefined;
    const offers = this.#offers.filter((_, index) => this.#accepted.has(index)).map(({ offer }) => offer);
    return { agentId: this.agentId, role: this.role, offers, placed: this.#placed };
  }

  #choose(need: Amounts): readonly number[] | undefined {
    for (;;) {
      const chosen = this.#fewestOffers(need);
      if (chosen === undefined || this.#hasGoodPorts(chosen, need[PORTS] ?? 0)) return chosen;
    }
  }

  /** One offer that has everything, else as many as it takes: an ACCEPT fails whole when one of its offers is gone. */
  #fewestOffers(need: Amounts): readonly number[] | undefined {
    const alone = this.#freeOf.findIndex((free) => covers(free, need));
    if (alone >= 0) return [alone];
    const chosen: number[] = [];
    let sum: Amounts = [0, 0, 0, 0, 0];
    for (const [index, free] of this.#freeOf.entries()) {
      chosen.push(index);
      sum = sum.map((amount, dimension) => amount + (free[dimension] ?? 0));
      if (chosen.length > 1 && covers(sum, need)) return chosen;
    }
    return undefined;
  }

  /** False: ports that were counted on are blocked; they count no longer. */
  #hasGoodPorts(chosen: readonly number[], count: number): boolean {
    if (count === 0) return true;
    let good = 0;
    for (const { offer, queue } of this.#ports) {
      if (!chosen.includes(offer)) continue;
      this.#subtract(offer, PORTS, queue.lookAhead(count));
      good += queue.left;
    }
    return good >= count;
  }

  #draw(unit: ResourceNeed, chosen: readonly number[], used: Set<number>): Placed['units'][number] {
    const resources: WireResource[] = [];
    const hostPorts: number[] = [];
    const need = amountsOf([unit]);
    for (const dimension of SCALAR_NAMES.keys()) {
      let missing = need[dimension] ?? 0;
      for (const part of this.#scalars[dimension] ?? []) {
        const milli = chosen.includes(part.offer) ? Math.min(missing, part.left) : 0;
        if (milli === 0) continue;
        missing -= milli;
        part.left -= milli;
        this.#subtract(part.offer, dimension, milli);
        used.add(part.offer);
        resources.push({ ...part.resource, scalar: { value: milli / 1000 } });
      }
    }
    for (const { offer, queue } of this.#ports) {
      const ports = chosen.includes(offer) ? queue.take(unit.ports - hostPorts.length) : [];
      if (ports.length === 0) continue;
      this.#subtract(offer, PORTS, ports.length);
      used.add(offer);
      hostPorts.push(...ports);
      resources.push(queue.resourceOf(ports));
    }
    return { resources, hostPorts };
  }

  #subtract(offer: number, dimension: number, amount: number): void {
    const free = this.#freeOf[offer];
    if (free !== undefined) free[dimension] = (free[dimension] ?? 0) - amount;
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

function scalarParts(offers: readonly OfferContents[]): readonly ScalarPart[][] {
  const parts: ScalarPart[][] = SCALAR_NAMES.map(() => []);
  for (const [offer, { scalars }] of offers.entries()) {
    for (const { resource, dimension, rank, milli } of scalars) {
      parts[dimension]?.push({ offer, rank, resource, left: milli });
    }
  }
  for (const list of parts) if (list.length > 1) list.sort((one, other) => one.rank - other.rank);
  return parts;
}
