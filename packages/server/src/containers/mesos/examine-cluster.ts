import { compileConstraint, type MasterAgent } from '@vibrissa/mesos';

import type { Finding } from '../../base/finding.ts';
import { amountIn, LEAST_CPUS } from './agent-amounts.ts';
import { whyNoneFits, type Demand } from './fitting-agents.ts';
import type { MesosConfig } from './mesos-config.ts';

/** What the settings want to run in the cluster. */
export interface Wishes {
  readonly config: Pick<MesosConfig, 'settings' | 'constraints' | 'blackboxConstraints'>;
  /** Memory of an action that names none. */
  readonly standardMb: number;
  /** Memory for all containers together. */
  readonly userMemoryMb: number;
}

/** What a managed container's task takes beyond its action's memory. */
function overheadOf({ settings }: Wishes['config']): number {
  return settings.task === 'command' ? settings.command.overhead : 0;
}

function fitFinding(
  agents: readonly MasterAgent[],
  demand: Omit<Demand, 'cpus'>,
  who: string,
): readonly Finding[] {
  const why = whyNoneFits(agents, { cpus: LEAST_CPUS, ...demand });
  if (why === undefined) return [];
  const texts = demand.constraints.map((constraint) => compileConstraint(constraint).text);
  const names = texts.length === 0 ? '' : ` (constraints: ${texts.join('; ')})`;
  return [
    {
      level: 'warning',
      what: `No Mesos agent can run containers of ${who}${names}: ${why}.`,
      mend: 'Change the constraints or memory.std, or add agents; invocations fail until then.',
    },
  ];
}

interface Room {
  /** Memory of the agents that the role may use. */
  readonly totalMb: number;
  /** So much of it is left for actions: with each container goes the overhead of its task. */
  readonly mostMb: number;
}

/** What the agents have for containers. Pure. */
export function roomOf(
  agents: readonly MasterAgent[],
  { config, standardMb }: Omit<Wishes, 'userMemoryMb'>,
): Room {
  const all = agents.map(({ total_resources: parts }) => amountIn(parts, 'mem', config.settings.role));
  const totalMb = all.reduce((sum, mb) => sum + mb, 0);
  return { totalMb, mostMb: Math.floor((totalMb * standardMb) / (standardMb + overheadOf(config))) };
}

function roomFinding(agents: readonly MasterAgent[], wishes: Wishes): readonly Finding[] {
  const { config, standardMb, userMemoryMb } = wishes;
  const { role } = config.settings;
  const overheadMb = overheadOf(config);
  const { mostMb, totalMb } = roomOf(agents, wishes);
  if (userMemoryMb <= mostMb) return [];
  const beside =
    overheadMb > 0 ? ` (${overheadMb} MB beside each ${standardMb} MB are mesos.command.overhead)` : '';
  return [
    {
      level: 'warning',
      what: `containerPool.userMemoryMb is ${userMemoryMb}, but the Mesos agents have ${totalMb} MB for the role ${role}${beside}: invocations may wait for room that there is not.`,
      mend: `Set it to ${mostMb} or less.`,
    },
  ];
}

/** What an operator is told of a cluster at the start. Pure. */
export function examineCluster(agents: readonly MasterAgent[], wishes: Wishes): readonly Finding[] {
  const { config, standardMb } = wishes;
  const { settings } = config;
  if (agents.length === 0) {
    return [
      {
        level: 'warning',
        what: 'The Mesos cluster has no agents: invocations wait until one comes.',
        mend: 'Start agents, or see why they do not register.',
      },
    ];
  }
  const { role } = settings;
  const managed = { memoryMb: standardMb + overheadOf(config), constraints: config.constraints, role };
  const blackbox = { memoryMb: standardMb, constraints: config.blackboxConstraints, role };
  return [
    ...fitFinding(agents, managed, 'managed kinds'),
    ...(settings.blackboxTask === 'none' ? [] : fitFinding(agents, blackbox, "users' images")),
    ...roomFinding(agents, wishes),
  ];
}
