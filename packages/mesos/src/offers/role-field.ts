import type { WireOffer } from '../wire/index.ts';
import { AgentClasses } from './agent-classes.ts';
import { AgentPool } from './agent-pool.ts';
import { FitIndex } from './fit-index.ts';
import type { Launch, PlacementRequest } from './placement.ts';
import { amountsOf, GPUS } from './resource-amounts.ts';

/**
 * All agents that offer to a role in a round. Pools only shrink, so an agent that lacked something for a request
 * lacks it for every later request of the same shape: those go on where the last one stood.
 */
export class RoleField {
  /** In the order in which they are tried. */
  readonly #pools: readonly AgentPool[];
  readonly #index: FitIndex;
  /** Of each shape of request: before which pool none fits any more. */
  readonly #reached = new Map<string, number>();
  readonly #classes: AgentClasses;

  constructor(
    role: string,
    offers: readonly WireOffer[],
    isPortBlocked: (agentId: string, port: number) => boolean,
  ) {
    this.#pools = fullestFirst(
      [...byAgent(offers).values()].map((ofAgent) => new AgentPool(role, ofAgent, isPortBlocked)),
    );
    this.#index = new FitIndex(this.#pools.map((pool) => pool.free));
    this.#classes = new AgentClasses(this.#pools.map((pool) => pool.anyOffer));
  }

  /** False: no agent has room for it. */
  place(request: PlacementRequest): boolean {
    const need = amountsOf(request.units);
    const isAllowed = this.#judgeOf(request);
    if (!isAllowed) return false;
    const rule = request.constraints.map(({ key }) => key).join('\n');
    const shape = `${need.join()}\n${rule}`;
    let at = this.#reached.get(shape) ?? 0;
    let placed = false;
    while (!placed && at < this.#pools.length) {
      const found = this.#index.firstFit(at, need);
      at = found < 0 ? this.#pools.length : found;
      const pool = this.#pools[at];
      if (pool === undefined) break;
      if (isAllowed(at)) {
        placed = pool.place(request);
        // Also a failure can change a pool: blocked ports count no longer.
        this.#index.set(at, pool.free);
      }
      if (!placed) at += 1;
    }
    this.#reached.set(shape, at);
    return placed;
  }

  launches(): readonly Launch[] {
    return this.#pools.map((pool) => pool.launch()).filter((launch) => launch !== undefined);
  }

  #judgeOf({ constraints }: PlacementRequest): ((pool: number) => boolean) | undefined {
    return constraints.length === 0 ? everywhere : this.#classes.judgeOf(constraints);
  }
}

const everywhere = () => true;

/** An offer that is given twice is one. */
function byAgent(offers: readonly WireOffer[]): Map<string, WireOffer[]> {
  const groups = new Map<string, WireOffer[]>();
  const seen = new Set<string>();
  for (const offer of offers) {
    if (seen.has(offer.id.value)) continue;
    seen.add(offer.id.value);
    const group = groups.get(offer.agent_id.value);
    if (group === undefined) groups.set(offer.agent_id.value, [offer]);
    else group.push(offer);
  }
  return groups;
}

/** Least memory, then least cpus first; agents with gpus behind all others; ids, so that a round can be replayed. */
function fullestFirst(pools: readonly AgentPool[]): readonly AgentPool[] {
  return pools
    .map((pool) => ({ pool, free: pool.free, gpus: (pool.free[GPUS] ?? 0) > 0 ? 1 : 0 }))
    .toSorted(
      (one, other) =>
        one.gpus - other.gpus ||
        (one.free[1] ?? 0) - (other.free[1] ?? 0) ||
        (one.free[0] ?? 0) - (other.free[0] ?? 0) ||
        (one.pool.agentId < other.pool.agentId ? -1 : 1),
    )
    .map(({ pool }) => pool);
}
