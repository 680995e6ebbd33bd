import type { WireResource } from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../agent/agent-info.ts';
import { isTerminal } from '../base/task-states.ts';
import type { AgentLedger, LedgerExecutor, LedgerFramework, LedgerTask } from './agent-ledger.ts';
import { attributeValues } from './attributes.ts';
import { CAPABILITIES_OF_AGENTS } from '../agent/capabilities.ts';
import { systemMetrics, taskMetrics, usageMetrics, type Metrics } from './metrics.ts';
import { fullReservationFields, quantities, reservationFields, summarize } from './resource-summary.ts';
import { taskView } from './task-views.ts';
import { versionInfo } from './version-info.ts';

const MIB = 1024 * 1024;

/** What an agent's endpoints are made of. */
export interface AgentPicture {
  /** Empty until it has registered. */
  readonly agentId: string;
  readonly info: AgentInfo;
  readonly ledger: AgentLedger;
  readonly flags: Readonly<Record<string, string>>;
  /** Epoch seconds. */
  readonly startTime: number;
  readonly now: number;
  readonly masterHostname?: string;
}

function isEnded(executor: LedgerExecutor): boolean {
  return executor.completed;
}

function tasksOf(executor: LedgerExecutor): LedgerTask[] {
  return [...executor.tasks.values()];
}

/** Its own and those of the tasks that it still runs. */
function resourcesOf(executor: LedgerExecutor): WireResource[] {
  const live = tasksOf(executor).filter((task) => !isTerminal(task.state));
  return [...(executor.info.resources ?? []), ...live.flatMap((task) => task.info.resources)];
}

function executorView(executor: LedgerExecutor): Record<string, unknown> {
  const { info } = executor;
  const tasks = tasksOf(executor);
  const group = info.type === 'DEFAULT' ? { type: 'DEFAULT' } : {};
  return {
    id: info.executor_id.value,
    name: info.name ?? '',
    source: info.source ?? '',
    container: executor.containerId,
    directory: executor.directory,
    resources: summarize(resourcesOf(executor)),
    role: info.resources?.[0]?.allocation_info?.role ?? '*',
    ...group,
    tasks: tasks.filter((task) => !isTerminal(task.state)).map(taskView),
    queued_tasks: [],
    completed_tasks: tasks.filter((task) => isTerminal(task.state)).map(taskView),
  };
}

function frameworkView({ id, info, executors }: LedgerFramework): Record<string, unknown> {
  return {
    id,
    name: info.name,
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    hostname: info.hostname ?? '',
    ...(info.roles ? { roles: info.roles } : { role: info.role ?? '*' }),
    executors: executors.filter((executor) => !isEnded(executor)).map(executorView),
    completed_executors: executors.filter(isEnded).map(executorView),
  };
}

function usedResources({ ledger }: AgentPicture): WireResource[] {
  return ledger
    .executors()
    .filter(({ executor }) => !isEnded(executor))
    .flatMap(({ executor }) => resourcesOf(executor));
}

export function agentStateView(picture: AgentPicture): Record<string, unknown> {
  const { info, agentId, ledger } = picture;
  const frameworks = [...ledger.frameworks.values()];
  const runs = ({ executors }: LedgerFramework) => executors.some((executor) => !isEnded(executor));
  return {
    ...versionInfo(info.version),
    start_time: picture.startTime,
    id: agentId,
    pid: `slave(1)@${info.ip}:${info.port}`,
    hostname: info.hostname,
    capabilities: CAPABILITIES_OF_AGENTS,
    resources: summarize(info.resources),
    ...reservationFields(info.resources),
    ...fullReservationFields(info.resources),
    reserved_resources_allocated: {},
    unreserved_resources_allocated: summarize(usedResources(picture)),
    resource_providers: [],
    attributes: attributeValues(info.attributes),
    ...(picture.masterHostname === undefined ? {} : { master_hostname: picture.masterHostname }),
    flags: picture.flags,
    frameworks: frameworks.filter(runs).map(frameworkView),
    completed_frameworks: frameworks.filter((framework) => !runs(framework)).map(frameworkView),
  };
}

/** Limits only: the simulator enforces none, and measures nothing. */
function statistics(resources: readonly WireResource[], now: number): Record<string, number> {
  const { cpus = 0, mem = 0 } = quantities(resources);
  return {
    timestamp: now,
    cpus_soft_limit: cpus,
    mem_limit_bytes: mem * MIB,
    mem_soft_limit_bytes: mem * MIB,
  };
}

function pidOf(tasks: readonly LedgerTask[]): { readonly executor_pid: number } | undefined {
  for (const task of tasks) {
    const pid = task.statuses.at(-1)?.container_status?.executor_pid;
    if (pid !== undefined) return { executor_pid: pid };
  }
  return undefined;
}

export function containersView({ ledger, now }: AgentPicture): Record<string, unknown>[] {
  return ledger
    .executors()
    .filter(({ executor }) => !isEnded(executor))
    .map(({ framework, executor }) => ({
      container_id: executor.containerId,
      executor_id: executor.info.executor_id.value,
      executor_name: executor.info.name ?? '',
      framework_id: framework.id,
      source: executor.info.source ?? '',
      statistics: statistics(resourcesOf(executor), now),
      status: { container_id: { value: executor.containerId }, ...pidOf(tasksOf(executor)) },
    }));
}

/** As the v1 API tells containers; `nested`: those of groups' tasks as well. */
export function toldContainers({ ledger, now }: AgentPicture, nested: boolean): Record<string, unknown>[] {
  const live = ledger.executors().filter(({ executor }) => !isEnded(executor));
  const roots = live.map(({ framework, executor }) => ({
    framework_id: { value: framework.id },
    executor_id: executor.info.executor_id,
    executor_name: executor.info.name ?? '',
    container_id: { value: executor.containerId },
    container_status: { container_id: { value: executor.containerId }, ...pidOf(tasksOf(executor)) },
    resource_statistics: statistics(resourcesOf(executor), now),
  }));
  if (!nested) return roots;
  const children = live.flatMap(({ executor }) =>
    tasksOf(executor)
      .filter((task) => !isTerminal(task.state) && task.containerId !== executor.containerId)
      .map((task) => ({
        container_id: { value: task.containerId },
        container_status: {
          container_id: { value: task.containerId, parent: { value: executor.containerId } },
          ...pidOf([task]),
        },
        resource_statistics: statistics(task.info.resources, now),
      })),
  );
  return [...roots, ...children];
}

export function agentMetrics(picture: AgentPicture): Metrics {
  const { ledger, info, startTime, now, agentId } = picture;
  const all = ledger.executors();
  const running = all.filter(({ executor }) => !isEnded(executor));
  return {
    ...usageMetrics('slave', quantities(info.resources), quantities(usedResources(picture))),
    'slave/executors_running': running.length,
    'slave/executors_terminated': all.length - running.length,
    'slave/frameworks_active': new Set(running.map(({ framework }) => framework.id)).size,
    'slave/registered': agentId === '' ? 0 : 1,
    ...taskMetrics(
      'slave',
      all.flatMap(({ executor }) => tasksOf(executor)),
    ),
    'slave/uptime_secs': now - startTime,
    ...systemMetrics(),
  };
}
