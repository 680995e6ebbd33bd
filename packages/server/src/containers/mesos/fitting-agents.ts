import {
  attributeValues,
  compileConstraint,
  satisfies,
  type CompiledConstraint,
  type Constraint,
  type MasterAgent,
} from '@vibrissa/mesos';

import { amountIn } from './agent-amounts.ts';

/** What a container asks of its agent. */
export interface Demand {
  readonly cpus: number;
  readonly memoryMb: number;
  readonly constraints: readonly Constraint[];
  /** Whose resources it takes: what is reserved for others is out of its reach for good. */
  readonly role: string;
}

function mayTake({ agent_info: agent }: MasterAgent, constraint: CompiledConstraint): boolean {
  // Where an agent is, is told with its offers only.
  return constraint.constraint.attribute.startsWith('@') || satisfies(constraint, agent);
}

function attributesText(agents: readonly MasterAgent[], { attribute }: Constraint): string {
  const values = new Set(agents.flatMap(({ agent_info: agent }) => attributeValues(agent, attribute) ?? []));
  if (values.size === 0) return `no agent has ${attribute}`;
  return `agents have ${attribute} ${[...values].sort().slice(0, 10).join(', ')}`;
}

function largest(agents: readonly MasterAgent[], role: string): string {
  const most = (name: string) =>
    Math.max(...agents.map(({ total_resources: parts }) => amountIn(parts, name, role)));
  const count =
    agents.length === 1 ? 'the only agent that may take it' : `the largest of ${agents.length} agents`;
  return `${count} has ${most('cpus')} cpus and ${most('mem')} MB`;
}

/**
 * Why no agent can ever take it, not even an empty one, as a clause; undefined when some can, or when none is known
 * (they may be on their way).
 */
export function whyNoneFits(agents: readonly MasterAgent[], demand: Demand): string | undefined {
  if (agents.length === 0) return undefined;
  let left = agents;
  for (const constraint of demand.constraints.map(compileConstraint)) {
    const fitting = left.filter((agent) => mayTake(agent, constraint));
    if (fitting.length === 0) {
      return `no agent satisfies ${constraint.text} (${attributesText(agents, constraint.constraint)})`;
    }
    left = fitting;
  }
  const fits = ({ total_resources: parts }: MasterAgent) =>
    amountIn(parts, 'cpus', demand.role) >= demand.cpus &&
    amountIn(parts, 'mem', demand.role) >= demand.memoryMb;
  if (left.some(fits)) return undefined;
  return `it needs ${demand.cpus} cpus and ${demand.memoryMb} MB, and ${largest(left, demand.role)}`;
}
