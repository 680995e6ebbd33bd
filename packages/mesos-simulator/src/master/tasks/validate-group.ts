import type { WireExecutorInfo, WireResource, WireTaskInfo } from '@vibrissa/mesos/wire';
import { Resources } from '../resources/resources.ts';
import { executorKey } from '../state/agent.ts';
import { invalidId } from './validate-id.ts';
import { invalidResources, invalidTaskAlone, tooMuch, type LaunchPlace } from './validate-task.ts';

export interface Group {
  readonly executor: WireExecutorInfo;
  readonly tasks: readonly WireTaskInfo[];
}

/** One sentence for all tasks of the group, or undefined. */
export function invalidGroup({ executor, tasks }: Group, place: LaunchPlace): string | undefined {
  return (
    invalidExecutor(executor, place) ??
    invalidTasks(tasks, place) ??
    tooMuch(
      wantedByGroup({ executor, tasks }, place),
      place,
      'required by task group and its executor are more than available',
    )
  );
}

/** Executor and tasks in sum; an executor that runs already has its share. */
export function wantedByGroup(
  { executor, tasks }: Group,
  { agent, framework, role }: LaunchPlace,
): WireResource[] {
  const running = agent.executors.has(executorKey(framework.id, executor.executor_id.value));
  const all = [
    ...(running ? [] : (executor.resources ?? [])),
    ...tasks.flatMap(({ resources }) => resources),
  ];
  const foreign = all.some(({ allocation_info: allocation }) => (allocation?.role ?? role) !== role);
  return foreign ? all : Resources.of(all).toWire();
}

function invalidExecutor(executor: WireExecutorInfo, { framework, agent }: LaunchPlace): string | undefined {
  const id = executor.executor_id.value;
  const wrongId = invalidId(id);
  if (wrongId !== undefined) return wrongId;
  if (executor.framework_id === undefined) return "'ExecutorInfo.framework_id' must be set";
  if (executor.framework_id.value !== framework.id) {
    return `ExecutorInfo has an invalid FrameworkID (Actual: ${executor.framework_id.value} vs Expected: ${framework.id})`;
  }
  if (executor.type !== 'DEFAULT') return 'Custom executors are not simulated';
  if (executor.command !== undefined) return "'ExecutorInfo.command' must not be set for 'DEFAULT' executor";
  if (executor.container !== undefined && executor.container.type !== 'MESOS') {
    return "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor";
  }
  if (agent.executors.has(executorKey(framework.id, id))) return undefined;
  return invalidResources(executor.resources ?? []) ?? tooSmallExecutor(id, executor.resources ?? []);
}

/** 0.01 cpus, 32 MB, and any disk. */
function tooSmallExecutor(id: string, wire: readonly WireResource[]): string | undefined {
  const resources = Resources.of(wire);
  const cpus = resources.scalarMilli('cpus');
  if (cpus < 10) {
    const has = cpus === 0 ? 'None' : String(cpus / 1000);
    return `Executor '${id}' uses less CPUs (${has}) than the minimum required (0.01)`;
  }
  const mem = resources.scalarMilli('mem');
  if (mem < 32_000) {
    const has = mem === 0 ? 'None' : `${mem / 1000}MB`;
    return `Executor '${id}' uses less memory (${has}) than the minimum required (32MB)`;
  }
  return resources.scalarMilli('disk') === 0 ? `Executor '${id}' uses no disk` : undefined;
}

function invalidTasks(tasks: readonly WireTaskInfo[], place: LaunchPlace): string | undefined {
  const seen = new Set<string>();
  for (const task of tasks) {
    const id = task.task_id.value;
    const wrong = seen.has(id) ? `Task has duplicate ID: ${id}` : invalidTaskOfGroup(task, place);
    if (wrong !== undefined) return `Task '${id}' is invalid: ${wrong}`;
    seen.add(id);
  }
  return undefined;
}

function invalidTaskOfGroup(task: WireTaskInfo, place: LaunchPlace): string | undefined {
  const wrong = invalidTaskAlone(task, place);
  if (wrong !== undefined) return wrong;
  if (task.command === undefined) return "'TaskInfo.command' must be set";
  if (task.container?.type === 'DOCKER') return 'Docker ContainerInfo is not supported on the task';
  if ((task.container?.network_infos?.length ?? 0) > 0) {
    return 'NetworkInfos must not be set on the task';
  }
  return undefined;
}
