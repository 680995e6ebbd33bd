import type { Shortage } from '../tasks/task-outcome.ts';
import type { WireOffer } from '../wire/index.ts';
import { explainShortage, type SeenAgent, type ShortageContext } from './explain-shortage.ts';
import type { PlacementRequest } from './placement.ts';
import { countPorts, readOffer } from './read-offer.ts';
import { PORTS, type Amounts } from './resource-amounts.ts';

/** Enough to explain a wait on a large cluster, and little enough to explain a thousand waits at once. */
const DEFAULT_CAPACITY = 2_000;

/** Offers of one agent for one role that came together. */
interface Seen {
  readonly atMs: number;
  readonly role: string;
  readonly offers: readonly WireOffer[];
  /** Made when somebody asks. */
  agent: SeenAgent | undefined;
}

/**
 * Remembers the last offers, so that a task that waits can say why: nothing is computed until somebody asks. Offers
 * of one agent that came together count as one, as they can be accepted together.
 */
export class OfferHistory {
  readonly #capacity: number;
  /** A ring: `#next` is the oldest once it is full. */
  readonly #seen: Seen[] = [];
  #next = 0;

  /** `capacity`: how many agents' offers are remembered; default 2,000. */
  constructor(options: { readonly capacity?: number } = {}) {
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
  }

  /** Offers that have come. `onlyRole`: whose they are when they don't say it (a framework without MULTI_ROLE). */
  saw(offers: readonly WireOffer[], seen: { readonly nowMs: number; readonly onlyRole: string }): void {
    const groups = new Map<string, WireOffer[]>();
    for (const offer of offers) {
      const key = `${offer.allocation_info?.role ?? ''} ${offer.agent_id.value}`;
      const group = groups.get(key);
      if (group) group.push(offer);
      else groups.set(key, [offer]);
    }
    let forgotten = groups.size - this.#capacity;
    for (const group of groups.values()) {
      if (forgotten-- > 0) continue;
      const role = group[0]?.allocation_info?.role ?? seen.onlyRole;
      this.#seen[this.#next] = { atMs: seen.nowMs, role, offers: group, agent: undefined };
      this.#next = (this.#next + 1) % this.#capacity;
    }
  }

  /** What the request lacked at the offers that came at `sinceMs` or later, as far as they are remembered. */
  explain(request: PlacementRequest, context: ShortageContext & { readonly sinceMs: number }): Shortage {
    const relevant = this.#seen.filter(({ atMs }) => atMs >= context.sinceMs);
    const agents = relevant.map((seen) => (seen.agent ??= seenAgent(seen)));
    return explainShortage(request, agents, context);
  }
}

function seenAgent({ atMs, role, offers }: Seen): SeenAgent {
  const [first] = offers;
  const contents = offers.map((offer) => readOffer(offer, role));
  const free: Amounts = [0, 1, 2, 3, PORTS].map((dimension) =>
    contents.reduce((sum, offer) => sum + (offer.free[dimension] ?? 0), 0),
  );
  return {
    atMs,
    role,
    offers: contents.length,
    free,
    ports: contents
      .flatMap(({ ports }) => ports.flatMap(({ ranges }) => ranges))
      .filter((range) => countPorts([range]) > 0),
    agentId: first?.agent_id.value ?? '',
    hostname: first?.hostname ?? '',
    ...(first?.attributes === undefined ? {} : { attributes: first.attributes }),
    ...(first?.domain === undefined ? {} : { domain: first.domain }),
    ...(first?.unavailability === undefined ? {} : { unavailability: first.unavailability }),
  };
}
