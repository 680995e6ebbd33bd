import type {
  WireFrameworkInfo,
  WireInverseOffer,
  WireMasterInfo,
  WireOffer,
  WireResource,
  WireTaskInfo,
  WireTaskStatus,
  TaskState,
  WireUnavailability,
} from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../agent/agent-info.ts';
import { versionInfo, type VersionInfo } from '../operator/version-info.ts';
import { masterFlags } from './operator/flags.ts';
import { masterMetrics } from './operator/metrics.ts';
import { allocationsOn } from './operator/agent-allocations.ts';
import { allocationOf } from './operator/render-state.ts';
import type { Agent, Framework } from './state/entities.ts';
import type { MasterState } from './state/master-state.ts';
import type { Task } from './state/task.ts';

/** What `/master/state` and its like show, in this simulator's own words. Times are epoch milliseconds. */
export interface MasterSnapshot {
  readonly info: WireMasterInfo;
  readonly cluster: string | undefined;
  readonly startMs: number;
  readonly electedMs: number | undefined;
  /** `host:port`. */
  readonly leader: string | undefined;
  readonly flags: Readonly<Record<string, string>>;
  readonly version: VersionInfo;
  readonly metrics: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly frameworks: readonly FrameworkSnapshot[];
  readonly completedFrameworks: readonly FrameworkSnapshot[];
  readonly agents: readonly AgentSnapshot[];
  readonly recoveredAgentIds: readonly string[];
  readonly unreachableAgentIds: readonly string[];
}

export interface FrameworkSnapshot {
  readonly id: string;
  readonly info: WireFrameworkInfo;
  /** Its stream stands; Mesos calls it active, too. */
  readonly connected: boolean;
  readonly recovered: boolean;
  readonly roles: readonly string[];
  readonly suppressedRoles: readonly string[];
  readonly registeredMs: number;
  readonly reregisteredMs: number;
  readonly unregisteredMs: number | undefined;
  readonly tasks: readonly TaskSnapshot[];
  readonly unreachableTasks: readonly TaskSnapshot[];
  readonly completedTasks: readonly TaskSnapshot[];
  readonly offers: readonly WireOffer[];
  readonly inverseOffers: readonly WireInverseOffer[];
  readonly used: readonly WireResource[];
  readonly offered: readonly WireResource[];
}

export interface TaskSnapshot {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  /** Of a group; else the task's own id names its executor. */
  readonly executorId: string | undefined;
  readonly role: string;
  readonly state: TaskState;
  readonly statuses: readonly WireTaskStatus[];
  readonly info: WireTaskInfo;
}

export interface AgentSnapshot {
  readonly id: string;
  readonly info: AgentInfo;
  readonly connected: boolean;
  readonly deactivated: boolean;
  readonly drain: 'DRAINING' | 'DRAINED' | undefined;
  readonly unavailability: WireUnavailability | undefined;
  readonly registeredMs: number;
  readonly reregisteredMs: number | undefined;
  readonly total: readonly WireResource[];
  /** In the old format, each with its allocation; so is `offered`. */
  readonly used: readonly WireResource[];
  readonly offered: readonly WireResource[];
  readonly tasks: readonly TaskSnapshot[];
  readonly frameworkIds: readonly string[];
}

export function takeSnapshot(master: MasterState): MasterSnapshot {
  const { leader, options, registry } = master;
  return {
    info: master.info,
    cluster: options.cluster,
    startMs: master.startMs ?? 0,
    electedMs: master.electedEpochMs,
    leader: leader === undefined ? undefined : `${leader.hostname}:${leader.port}`,
    flags: masterFlags(options),
    version: versionInfo(options.version),
    metrics: masterMetrics(master),
    weights: options.weights,
    frameworks: [...master.frameworks.values()].map((framework) => frameworkSnapshot(master, framework)),
    completedFrameworks: [...master.completedFrameworks.values()].map((framework) =>
      frameworkSnapshot(master, framework),
    ),
    agents: [...master.agents.values()].map(agentSnapshot),
    recoveredAgentIds: [...master.recoveredAgents],
    unreachableAgentIds: [...registry.unreachable.keys()],
  };
}

function frameworkSnapshot(master: MasterState, framework: Framework): FrameworkSnapshot {
  const { used, offered } = allocationOf(master, framework);
  return {
    id: framework.id,
    info: framework.info,
    connected: framework.stream !== undefined,
    recovered: framework.recovered,
    roles: [...framework.roles],
    suppressedRoles: [...framework.suppressed],
    registeredMs: framework.registeredMs,
    reregisteredMs: framework.reregisteredMs,
    unregisteredMs: framework.unregisteredMs,
    tasks: [...framework.tasks.values()].map(taskSnapshot),
    unreachableTasks: [...framework.unreachableTasks.values()].map(taskSnapshot),
    completedTasks: framework.completedTasks.slice(-master.options.maxCompletedTasks).map(taskSnapshot),
    offers: [...framework.offers].map(({ wire }) => wire),
    inverseOffers: [...framework.inverseOffers].map(({ wire }) => wire),
    used: used.toWire(),
    offered: offered.toWire(),
  };
}

function agentSnapshot(agent: Agent): AgentSnapshot {
  const { used, offered } = allocationsOn(agent);
  return {
    id: agent.id,
    info: agent.info,
    connected: agent.link !== undefined,
    deactivated: agent.deactivated,
    drain: agent.drain?.state,
    unavailability: agent.unavailability,
    registeredMs: agent.registeredMs,
    reregisteredMs: agent.reregisteredMs,
    total: agent.total.toWire(),
    used,
    offered,
    tasks: [...agent.tasks.values()].flatMap((tasks) => [...tasks.values()].map(taskSnapshot)),
    frameworkIds: [...agent.tasks.keys()],
  };
}

function taskSnapshot(task: Task): TaskSnapshot {
  const { id, frameworkId, agentId, executorId, role, state, statuses, info } = task;
  return { id, frameworkId, agentId, executorId, role, state, statuses, info };
}
