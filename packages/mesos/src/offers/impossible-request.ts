import type { AgentTotals } from '../scheduler/core-messages.ts';
import type { Shortage } from '../tasks/task-outcome.ts';
import { missingOf, mostOf } from './explain-shortage.ts';
import type { PlacementRequest } from './placement.ts';
import { amountsOf, SCALAR_NAMES, toMilli, type Amounts } from './resource-amounts.ts';

/**
 * Tells a request that no agent could take even if it were empty: waiting is in vain until a larger agent joins.
 * Undefined: some agent is large enough, or none is known. Constraints are not looked at, since agents that satisfy
 * them may join, nor are ports of agents that don't tell theirs.
 */
export function impossibleAt(
  request: PlacementRequest,
  agents: readonly AgentTotals[],
): Shortage | undefined {
  const need = amountsOf(request.units);
  const reasons: Record<string, number> = {};
  const totals = agents.map(amountsIn);
  for (const total of totals) {
    const missing = missingOf(total, need);
    if (missing.length === 0) return undefined;
    for (const name of missing) reasons[name] = (reasons[name] ?? 0) + 1;
  }
  if (agents.length === 0) return undefined;
  return { offersSeen: 0, reasons, best: mostOf(totals) };
}

function amountsIn({ resources }: AgentTotals): Amounts {
  return [...SCALAR_NAMES.map((name) => toMilli(resources[name] ?? 0)), resources['ports'] ?? Infinity];
}
