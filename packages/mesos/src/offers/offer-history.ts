import type { Shortage } from '../tasks/task-outcome.ts';
import type { WireOffer } from '../wire/index.ts';
import { explainShortage, type SeenAgent, type ShortageContext } from './explain-shortage.ts';
import type { PlacementRequest } from './placement.ts';
import { countPorts, readOffer } from './read-offer.ts';
import { PORTS, type Amounts } from './resource-amounts.ts';

/** Enough to explain a wait on a large cluster, and little enough to explain a thousand waits at once. */
const DEFAULT_CAPACITY = 2_000;

/**
 * Remembers the last offers, so that a task that waits can say why: nothing is computed until somebody asks. Offers
 * of one agent that came together count as one, as they can be accepted together.
 */
export class OfferHistory {
  readonly #capacity: number;
  /** A ring: `#next` is the oldest once it is full. */
  readonly #seen: SeenAgent[] = [];
  #next = 0;

  /** `capacity`: how many agents' offers are remembered; default 2,000. */
  constructor(options: { readonly capacity?: number } = {}) {
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
  }

  /** Offers that have come. `onlyRole`: whose they are when they don't say it (a framework without MULTI_ROLE). */
  saw(offers: readonly WireOffer[], seen: { readonly nowMs: number; readonly onlyRole: string }): void {
    const groups = new Map<string, WireOffer[]>();
    for (const offer of offers) {
      const key = JSON.stringify([offer.agent_id.value, offer.allocation_info?.role]);
      groups.set(key, [...(groups.get(key) ?? []), offer]);
    }
    for (const [first, ...others] of groups.values()) {
      if (first !== undefined) this.#remember(seenAgent(first, others, seen));
    }
  }

  /** What the request lacked at the offers that came at `sinceMs` or later, as far as they are remembered. */
  explain(request: PlacementRequest, context: ShortageContext & { readonly sinceMs: number }): Shortage {
    const relevant = this.#seen.filter(({ atMs }) => atMs >= context.sinceMs);
    return explainShortage(request, relevant, context);
  }

  #remember(agent: SeenAgent): void {
    this.#seen[this.#next] = agent;
    this.#next = (this.#next + 1) % this.#capacity;
  }
}

function seenAgent(
  first: WireOffer,
  others: readonly WireOffer[],
  seen: { readonly nowMs: number; readonly onlyRole: string },
): SeenAgent {
  const role = first.allocation_info?.role ?? seen.onlyRole;
  const contents = [first, ...others].map((offer) => readOffer(offer, role));
  const free: Amounts = [0, 1, 2, 3, PORTS].map((dimension) =>
    contents.reduce((sum, offer) => sum + (offer.free[dimension] ?? 0), 0),
  );
  return {
    atMs: seen.nowMs,
    role,
    offers: contents.length,
    free,
    ports: contents
      .flatMap(({ ports }) => ports.flatMap(({ ranges }) => ranges))
      .filter((range) => countPorts([range]) > 0),
    agentId: first.agent_id.value,
    hostname: first.hostname,
    ...(first.attributes === undefined ? {} : { attributes: first.attributes }),
    ...(first.domain === undefined ? {} : { domain: first.domain }),
    ...(first.unavailability === undefined ? {} : { unavailability: first.unavailability }),
  };
}
