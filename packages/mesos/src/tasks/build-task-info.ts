import { isSameJson } from '../base/same-json.ts';
import type { WireDiscovery, WireLabels, WireResource, WireTaskInfo } from '../wire/index.ts';
import { buildCommand } from './build-command.ts';
import { buildContainer } from './build-container.ts';
import { buildHealthCheck } from './build-health-check.ts';
import type { CompiledTask } from './compile-task.ts';
import { portName } from './task-network.ts';
import type { Placement, StoredTaskSpec } from './task-record.ts';

/** One attempt to launch a task at a place. */
export interface TaskLaunch {
  readonly mesosTaskId: string;
  readonly placement: Placement;
  /** Of the offers, as the matcher took them. */
  readonly resources: readonly WireResource[];
  /** Added to the spec's own, over which they win. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The `customize` of a spec threw or returned no task: the task can't be launched as its author wants it. */
export class TaskNotBuilt extends Error {
  readonly code = 'TASK_NOT_BUILT';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TaskNotBuilt';
  }
}

const nanosecondsPerMs = 1e6;

function buildLabels(labels: Readonly<Record<string, string>>): WireLabels | undefined {
  const entries = Object.entries(labels);
  return entries.length === 0 ? undefined : { labels: entries.map(([key, value]) => ({ key, value })) };
}

/**
 * Tells others where the task can be dialled: the agent's port where there is one, else the container's own.
 * A reconciliation does not repeat ports, but the master's task list does.
 */
function buildDiscovery(spec: StoredTaskSpec, hostPorts: readonly number[]): WireDiscovery | undefined {
  if (!spec.ports?.length) return undefined;
  const ports = spec.ports.map((port, index) => ({
    number: hostPorts[index] || (port.containerPort ?? 0),
    name: portName(port, index),
    protocol: port.protocol ?? 'tcp',
  }));
  return { visibility: 'FRAMEWORK', name: spec.name ?? spec.id, ports: { ports } };
}

const promised = ['task_id', 'agent_id', 'resources'] as const;

/** The author's last word, save on what this client has promised to Mesos. */
function customized(task: CompiledTask, built: WireTaskInfo): WireTaskInfo {
  if (!task.customize) return built;
  let changed: unknown;
  try {
    // A copy, since it may be changed in place, with what it shares with the offers.
    changed = task.customize(structuredClone(built));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TaskNotBuilt(`customize of task ${task.spec.id} threw: ${why}`, { cause: error });
  }
  if (typeof changed !== 'object' || changed === null || Array.isArray(changed)) {
    throw new TaskNotBuilt(
      `customize of task ${task.spec.id} returned no task: return the one given, or a changed copy.`,
    );
  }
  const problem = jsonProblem(changed);
  if (problem !== undefined) {
    throw new TaskNotBuilt(
      `customize of task ${task.spec.id} returned a task that can't be written as JSON: ${problem}`,
    );
  }
  const other = promised.find((field) => !isSameJson((changed as WireTaskInfo)[field], built[field]));
  if (other !== undefined) {
    throw new TaskNotBuilt(
      `customize of task ${task.spec.id} changed ${other}, which this scheduler has chosen and answers for: leave task_id, agent_id and resources as they are.`,
    );
  }
  return changed as WireTaskInfo;
}

function jsonProblem(value: unknown): string | undefined {
  try {
    JSON.stringify(value);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The TaskInfo of one launch. Throws {@link TaskNotBuilt} where `customize` fails, nothing else. */
export function buildTaskInfo(task: CompiledTask, launch: TaskLaunch): WireTaskInfo {
  const { spec } = task;
  const { agentId, hostPorts } = launch.placement;
  const container = buildContainer(spec, hostPorts);
  const healthCheck = buildHealthCheck(spec, hostPorts);
  const labels = buildLabels({ ...spec.labels, ...launch.labels });
  const discovery = buildDiscovery(spec, hostPorts);
  return customized(task, {
    name: spec.name ?? spec.id,
    task_id: { value: launch.mesosTaskId },
    agent_id: { value: agentId },
    resources: launch.resources,
    command: buildCommand(spec, hostPorts),
    ...(container && { container }),
    ...(healthCheck && { health_check: healthCheck }),
    ...(spec.killGraceMs !== undefined && {
      kill_policy: { grace_period: { nanoseconds: Math.round(spec.killGraceMs * nanosecondsPerMs) } },
    }),
    ...(spec.maxRunMs !== undefined && {
      max_completion_time: { nanoseconds: Math.round(spec.maxRunMs * nanosecondsPerMs) },
    }),
    ...(labels && { labels }),
    ...(discovery && { discovery }),
  });
}
