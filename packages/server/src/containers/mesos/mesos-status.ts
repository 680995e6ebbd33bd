import type { MasterAgent, TaskRecord } from '@vibrissa/mesos';

import { amountIn } from './agent-amounts.ts';
import { containerSpecIn } from './container-labels.ts';
import type { MesosConfig } from './mesos-config.ts';
import type { ConnectionState, MesosConnection } from './mesos-connection.ts';
import { sandboxLink } from './sandbox-link.ts';
import { waitingText } from './shortage-words.ts';
import type { StartFailure } from './start-failures.ts';

interface Resources {
  readonly cpus: number;
  readonly memoryMb: number;
}

interface AgentStatus {
  readonly id: string;
  readonly hostname: string;
  /** The master sends it tasks. */
  readonly active: boolean;
  /** An operator has told it to take none: it is drained, or was. */
  readonly deactivated: boolean;
  readonly total: Resources;
  /** Neither used by tasks of anybody, nor reserved for another role. */
  readonly free: Resources;
}

interface TaskStatus {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly memoryMb: number;
  /** As Mesos has told it last. */
  readonly state?: string;
  /** Hostname. */
  readonly agent?: string;
  readonly sandbox?: string;
}

interface WaitingTask {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly memoryMb: number;
  readonly waitedMs: number;
  /** A sentence. */
  readonly why: string;
}

/** How things stand between this platform and Mesos, for operators. JSON. */
export interface MesosStatus {
  readonly framework: {
    readonly id?: string;
    readonly name: string;
    readonly role: string;
    readonly failoverTimeoutMs: number;
    readonly teardownOnExit: boolean;
  };
  readonly masters: string;
  readonly connection: ConnectionState;
  readonly agents?: AgentStatus[];
  /** Why there are none. */
  readonly agentsUnknown?: string;
  readonly offersHeld: number;
  readonly tasks: TaskStatus[];
  readonly waiting: WaitingTask[];
  /** The latest first. */
  readonly failedStarts: StartFailure[];
}

function agentStatus(agent: MasterAgent, role: string): AgentStatus {
  const { active, agent_info: info, allocated_resources: used, total_resources: total } = agent;
  const amounts = (parts: MasterAgent['total_resources'], of?: string): Resources => ({
    cpus: amountIn(parts, 'cpus', of),
    memoryMb: amountIn(parts, 'mem', of),
  });
  const usable = amounts(total, role);
  const taken = amounts(used);
  return {
    id: info.id?.value ?? '',
    hostname: info.hostname,
    active: active && agent.deactivated !== true,
    deactivated: agent.deactivated === true,
    total: amounts(total),
    free: {
      cpus: Math.max(0, Math.round((usable.cpus - taken.cpus) * 1000) / 1000),
      memoryMb: Math.max(0, usable.memoryMb - taken.memoryMb),
    },
  };
}

function describe(record: TaskRecord) {
  const spec = containerSpecIn(record);
  return {
    id: record.mesosTaskId,
    name: record.spec?.name ?? record.id,
    kind: spec?.kind ?? 'unknown',
    memoryMb: spec?.memoryMb ?? 0,
  };
}

async function agentsOf(
  connection: MesosConnection,
  role: string,
): Promise<Pick<MesosStatus, 'agents' | 'agentsUnknown'>> {
  try {
    return { agents: (await connection.agents()).map((agent) => agentStatus(agent, role)) };
  } catch (error) {
    return { agentsUnknown: error instanceof Error ? error.message : String(error) };
  }
}

export async function mesosStatus(
  connection: MesosConnection,
  { failedStarts, settings }: Pick<MesosConfig, 'settings'> & Pick<MesosStatus, 'failedStarts'>,
): Promise<MesosStatus> {
  const { scheduler } = connection;
  const { frameworkId } = scheduler;
  const tasks: TaskStatus[] = [];
  const waiting: WaitingTask[] = [];
  for (const record of scheduler.tasks()) {
    const explained = scheduler.explain(record.id);
    if (explained.kind === 'waiting') {
      waiting.push({ ...describe(record), waitedMs: explained.waitedMs, why: waitingText(explained) });
      continue;
    }
    const { placement, state } = record;
    const sandbox = sandboxLink(record, frameworkId, settings);
    tasks.push({
      ...describe(record),
      ...(state !== undefined && { state }),
      ...(placement && { agent: placement.hostname }),
      ...(sandbox !== undefined && { sandbox }),
    });
  }
  return {
    framework: {
      ...(frameworkId !== undefined && { id: frameworkId }),
      name: settings.frameworkName,
      role: settings.role,
      failoverTimeoutMs: settings.timeouts.failover,
      teardownOnExit: settings.teardownOnExit,
    },
    masters: settings.masterUrl,
    connection: connection.state,
    ...(await agentsOf(connection, settings.role)),
    offersHeld: connection.offersHeld,
    tasks,
    waiting,
    failedStarts,
  };
}
