import type { Constraint, MasterAgent } from '@vibrissa/mesos';

import { amountIn } from './agent-amounts.ts';

/** What a container asks of its agent. */
export interface Demand {
  readonly cpus: number;
  readonly memoryMb: number;
  readonly constraints: readonly Constraint[];
}

type Attribute = NonNullable<MasterAgent['agent_info']['attributes']>[number];

function textsOf(attribute: Attribute): readonly string[] {
  switch (attribute.type) {
    case 'TEXT':
      return [attribute.text.value];
    case 'SCALAR':
      return [String(attribute.scalar.value)];
    case 'SET':
      return attribute.set.item;
    case 'RANGES':
      return attribute.ranges.range.map(({ begin, end }) => `${begin}-${end}`);
  }
}

function valuesOf({ agent_info: { attributes = [], hostname } }: MasterAgent, name: string) {
  if (name === 'hostname') return [hostname];
  const found = attributes.find((attribute) => attribute.name === name);
  return found && textsOf(found);
}

function satisfies(agent: MasterAgent, { attribute, operator, value = '' }: Constraint): boolean {
  // Where an agent is, is told with its offers only.
  if (attribute.startsWith('@')) return true;
  const values = valuesOf(agent, attribute);
  if (values === undefined) return operator === 'UNLIKE';
  if (operator === 'EXISTS') return true;
  if (operator === 'EQUALS') return values.includes(value);
  const pattern = new RegExp(`^(?:${value})$`, 'u');
  return values.some((text) => pattern.test(text)) === (operator === 'LIKE');
}

export function constraintText({ attribute, operator, value }: Constraint): string {
  return [attribute, operator, value].filter((part) => part !== undefined).join(' ');
}

function attributesText(agents: readonly MasterAgent[], { attribute }: Constraint): string {
  const values = new Set(agents.flatMap((agent) => valuesOf(agent, attribute) ?? []));
  if (values.size === 0) return `no agent has ${attribute}`;
  return `agents have ${attribute} ${[...values].sort().slice(0, 10).join(', ')}`;
}

function largest(agents: readonly MasterAgent[]): string {
  const most = (name: string) =>
    Math.max(...agents.map(({ total_resources: parts }) => amountIn(parts, name)));
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
  for (const constraint of demand.constraints) {
    const fitting = left.filter((agent) => satisfies(agent, constraint));
    if (fitting.length === 0) {
      return `no agent satisfies ${constraintText(constraint)} (${attributesText(agents, constraint)})`;
    }
    left = fitting;
  }
  const fits = ({ total_resources: parts }: MasterAgent) =>
    amountIn(parts, 'cpus') >= demand.cpus && amountIn(parts, 'mem') >= demand.memoryMb;
  if (left.some(fits)) return undefined;
  return `it needs ${demand.cpus} cpus and ${demand.memoryMb} MB, and ${largest(left)}`;
}
