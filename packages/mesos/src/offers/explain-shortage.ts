import type { Shortage } from '../tasks/task-outcome.ts';
import type { WireOffer, WireRange } from '../wire/index.ts';
import { satisfies } from './constraints.ts';
import type { PlacementRequest } from './placement.ts';
import { amountsOf, covers, PORTS, SCALAR_NAMES, type Amounts } from './resource-amounts.ts';
import { isLeaving } from './unavailability.ts';

/** What an agent has offered to a role at a moment: as much of its offers as an explanation needs. */
export interface SeenAgent extends Pick<WireOffer, 'hostname' | 'attributes' | 'domain' | 'unavailability'> {
  readonly atMs: number;
  readonly agentId: string;
  readonly role: string;
  /** How many offers they were. */
  readonly offers: number;
  readonly free: Amounts;
  readonly ports: readonly WireRange[];
}

export interface ShortageContext {
  readonly epochMs: number;
  readonly isPortBlocked?: (agentId: string, port: number) => boolean;
  /** As for matching. */
  readonly maintenanceHorizonMs?: number;
}

/**
 * Why none of these offers took the request. An offer fails for each thing that it lacks: `cpus`, `mem`, `disk`,
 * `gpus`, `ports`, `role`, `constraint rack LIKE r1`, `maintenance`. `other tasks`: it lacked nothing, and was used
 * for more urgent ones.
 */
export function explainShortage(
  request: PlacementRequest,
  seen: readonly SeenAgent[],
  context: ShortageContext,
): Shortage {
  const need = amountsOf(request.units);
  const reasons: Record<string, number> = {};
  let offersSeen = 0;
  for (const agent of seen) {
    offersSeen += agent.offers;
    for (const reason of lacks(request, need, { agent, context })) {
      reasons[reason] = (reasons[reason] ?? 0) + agent.offers;
    }
  }
  const ofRole = seen.filter(({ role }) => role === request.role);
  return { offersSeen, reasons, best: mostOf(ofRole.map(({ free }) => free)) };
}

/** The largest of each, in units, MB and numbers of ports; unknown (infinite) ones are left out. */
export function mostOf(all: readonly Amounts[]): Readonly<Record<string, number>> {
  const best: Record<string, number> = {};
  for (const free of all) {
    for (const [dimension, amount] of free.entries()) {
      if (!Number.isFinite(amount)) continue;
      const name = SCALAR_NAMES[dimension] ?? 'ports';
      best[name] = Math.max(best[name] ?? 0, dimension === PORTS ? amount : amount / 1000);
    }
  }
  return best;
}

/** The names of what an agent has less of than is needed. */
export function missingOf(have: Amounts, need: Amounts): readonly string[] {
  if (covers(have, need)) return [];
  return [...SCALAR_NAMES, 'ports'].filter((_, dimension) => (have[dimension] ?? 0) < (need[dimension] ?? 0));
}

function lacks(
  request: PlacementRequest,
  need: Amounts,
  at: { readonly agent: SeenAgent; readonly context: ShortageContext },
): readonly string[] {
  const { agent, context } = at;
  if (agent.role !== request.role) return ['role'];
  const broken = request.constraints
    .filter((constraint) => !satisfies(constraint, agent))
    .map(({ text }) => `constraint ${text}`);
  const leaving = isLeaving(agent, context.epochMs, context.maintenanceHorizonMs) ? ['maintenance'] : [];
  const reasons = [...missingOf(agent.free, need), ...broken, ...leaving];
  if (reasons.length > 0) return reasons;
  return [hasGoodPorts(agent, need[PORTS] ?? 0, context) ? 'other tasks' : 'ports'];
}

function hasGoodPorts(agent: SeenAgent, count: number, { isPortBlocked }: ShortageContext): boolean {
  let missing = count;
  if (isPortBlocked === undefined) return true;
  for (const { begin, end } of agent.ports) {
    for (let port = begin; port <= end && missing > 0; port++) {
      if (!isPortBlocked(agent.agentId, port)) missing -= 1;
    }
  }
  return missing === 0;
}
