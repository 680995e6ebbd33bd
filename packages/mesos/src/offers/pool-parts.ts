import type { ScalarResource, WireResource } from '../wire/index.ts';
import type { Placed, ResourceNeed } from './placement.ts';
import { PortQueue } from './port-queue.ts';
import type { OfferContents } from './read-offer.ts';
import { amountsOf, PORTS, SCALAR_NAMES } from './resource-amounts.ts';

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

/** The entries of an agent's offers, from which tasks take their resources: reserved ones first. */
export class PoolParts {
  readonly #scalars: readonly ScalarPart[][];
  readonly #ports: readonly PortPart[];
  /** Of each offer what is left, kept up to date here. */
  readonly #free: readonly number[][];

  constructor(
    offers: readonly OfferContents[],
    free: readonly number[][],
    isPortBlocked: (port: number) => boolean,
  ) {
    this.#free = free;
    this.#scalars = scalarParts(offers);
    this.#ports = offers
      .flatMap(({ ports }, offer) =>
        ports.map((usable) => ({ offer, rank: usable.rank, queue: new PortQueue(usable, isPortBlocked) })),
      )
      .toSorted((one, other) => one.rank - other.rank);
  }

  /** Have these offers so many ports that are not blocked? Blocked ones that are met count no longer. */
  hasGoodPorts(chosen: readonly number[], count: number): boolean {
    if (count === 0) return true;
    let good = 0;
    for (const { offer, queue } of this.#ports) {
      if (!chosen.includes(offer)) continue;
      this.#subtract(offer, PORTS, queue.lookAhead(count));
      good += queue.left;
    }
    return good >= count;
  }

  /** Takes from these offers, which have enough; adds those that something was taken from to `used`. */
  draw(unit: ResourceNeed, chosen: readonly number[], used: Set<number>): Placed['units'][number] {
    const resources: WireResource[] = [];
    const hostPorts: number[] = [];
    const need = amountsOf([unit]);
    for (const [dimension, parts] of this.#scalars.entries()) {
      let missing = need[dimension] ?? 0;
      for (const part of parts) {
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
    const free = this.#free[offer];
    if (free !== undefined) free[dimension] = (free[dimension] ?? 0) - amount;
  }
}

/** For each scalar its entries. */
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
