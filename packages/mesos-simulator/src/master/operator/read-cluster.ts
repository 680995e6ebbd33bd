import type { MachineId } from '../registry.ts';
import type { MasterState } from '../state/master-state.ts';
import { isOn } from '../agents/maintenance.ts';
import { versionInfo } from '../../operator/version-info.ts';
import { masterFlags } from './flags.ts';
import { masterMetrics } from './metrics.ts';
import {
  renderAgents,
  renderExecutors,
  renderFrameworks,
  renderRoles,
  renderState,
  renderTasks,
} from './render-state.ts';

/** What GET_* calls answer; undefined: no such call. */
export function readCluster(
  master: MasterState,
  type: string,
): Readonly<Record<string, unknown>> | undefined {
  const body = readers[type];
  if (body === undefined) return undefined;
  const value = body(master);
  return value === undefined ? { type } : { type, [type.toLowerCase()]: value };
}

const readers: Readonly<Record<string, (master: MasterState) => unknown>> = {
  GET_HEALTH: () => ({ healthy: true }),
  GET_FLAGS: (master) => ({
    flags: Object.entries(masterFlags(master.options)).map(([name, value]) => ({ name, value })),
  }),
  GET_VERSION: (master) => ({ version_info: versionInfo(master.options.version) }),
  GET_METRICS: (master) => ({
    metrics: Object.entries(masterMetrics(master)).map(([name, value]) => ({ name, value })),
  }),
  GET_LOGGING_LEVEL: () => ({ level: 0 }),
  GET_STATE: renderState,
  GET_AGENTS: renderAgents,
  GET_FRAMEWORKS: renderFrameworks,
  GET_EXECUTORS: renderExecutors,
  GET_OPERATIONS: getOperations,
  GET_TASKS: renderTasks,
  GET_ROLES: renderRoles,
  GET_WEIGHTS: getWeights,
  GET_MASTER: (master) => ({
    master_info: master.info,
    start_time: (master.startMs ?? 0) / 1000,
    elected_time: (master.electedEpochMs ?? 0) / 1000,
  }),
  GET_QUOTA: () => ({ status: {} }),
  GET_MAINTENANCE_STATUS: getMaintenanceStatus,
  GET_MAINTENANCE_SCHEDULE: ({ registry: { schedule } }) => ({
    schedule: schedule.length === 0 ? {} : { windows: schedule },
  }),
};

function getOperations({ frameworks }: MasterState): object {
  const operations = [...frameworks.values()].flatMap((framework) =>
    [...framework.operations.values()].map(({ agentId, status }) => ({
      framework_id: { value: framework.id },
      agent_id: { value: agentId },
      latest_status: status,
    })),
  );
  return operations.length === 0 ? {} : { operations };
}

function getWeights({ options: { weights } }: MasterState): object | undefined {
  const infos = Object.entries(weights).map(([role, weight]) => ({ weight, role }));
  return infos.length === 0 ? undefined : { weight_infos: infos };
}

function getMaintenanceStatus(master: MasterState): object {
  const machines = master.registry.schedule.flatMap(({ machine_ids: ids }) => ids);
  if (machines.length === 0) return { status: {} };
  return { status: { draining_machines: machines.map((id) => ({ id, statuses: answersOn(master, id) })) } };
}

function answersOn({ agents }: MasterState, machine: MachineId): readonly object[] {
  return [...agents.values()]
    .filter(({ info }) => isOn(info, machine))
    .flatMap(({ inverseAnswers }) =>
      [...inverseAnswers].map(([frameworkId, { status, epochMs }]) => ({
        status,
        framework_id: { value: frameworkId },
        timestamp: { nanoseconds: Math.round(epochMs * 1e6) },
      })),
    );
}
