import type { AgentTotals } from '../scheduler/core-messages.ts';
import type { WireResource } from '../wire/index.ts';
import type { MasterAgent } from './operator-answers.ts';

/** A scalar's amount, a range's number of ports, a set's number of items. */
function amountOf(resource: WireResource): number {
  if (resource.type === 'SCALAR') return resource.scalar.value;
  if (resource.type === 'SET') return resource.set.item.length;
  return resource.ranges.range.reduce((sum, { begin, end }) => sum + end - begin + 1, 0);
}

/**
 * What each agent has, by resource, whoever it is reserved for. Agents that are away or deactivated count, too: they
 * come back. In thousandths, since Mesos counts so and the parts of a sum mustn't drift.
 */
export function agentTotals(agents: readonly MasterAgent[]): readonly AgentTotals[] {
  return agents.map(({ agent_info: { id }, total_resources: parts = [] }) => {
    const milli: Record<string, number> = {};
    for (const part of parts) {
      milli[part.name] = (milli[part.name] ?? 0) + Math.round(amountOf(part) * 1000);
    }
    const resources = Object.fromEntries(
      Object.entries(milli).map(([name, amount]) => [name, amount / 1000]),
    );
    return { agentId: id?.value ?? '', resources };
  });
}
