import type { WireResource, WireTaskInfo } from '@vibrissa/mesos/wire';
import { describeResource, describeResources } from '../resources/describe-resources.ts';
import { Resources } from '../resources/resources.ts';
import type { Agent, Framework } from '../state/entities.ts';
import { invalidId } from './validate-id.ts';

/** Where tasks are launched: what is left of the offers of one ACCEPT. */
export interface LaunchPlace {
  readonly framework: Framework;
  readonly agent: Agent;
  readonly role: string;
  readonly available: Resources;
}

/** A sentence why a task can't be launched here, or undefined; the checks are in the master's order. */
export function invalidTask(task: WireTaskInfo, place: LaunchPlace): string | undefined {
  return (
    invalidTaskAlone(task, place) ??
    wrongExecutor(task) ??
    tooMuch(task.resources, place, 'required by task and its executor is more than available')
  );
}

/** What holds for a task of a group, too. */
export function invalidTaskAlone(task: WireTaskInfo, { framework, agent }: LaunchPlace): string | undefined {
  const id = task.task_id.value;
  const wrongId = invalidId(id);
  if (wrongId !== undefined) return wrongId;
  if (framework.tasks.has(id) || framework.unreachableTasks.has(id)) return `Task has duplicate ID: ${id}`;
  if (task.agent_id.value !== agent.id) {
    return `Task uses invalid agent ${task.agent_id.value} while agent ${agent.id} is expected`;
  }
  return invalidKillPolicy(task) ?? invalidHealthCheck(task) ?? invalidResources(task.resources);
}

function invalidKillPolicy({ kill_policy: policy }: WireTaskInfo): string | undefined {
  return (policy?.grace_period?.nanoseconds ?? 0) < 0
    ? "Task's 'kill_policy.grace_period' must be non-negative"
    : undefined;
}

function invalidHealthCheck({ health_check: check }: WireTaskInfo): string | undefined {
  if (check === undefined) return undefined;
  const body = { COMMAND: check.command, HTTP: check.http, TCP: check.tcp }[check.type] as object | undefined;
  if (body === undefined) {
    return `Task uses invalid health check: Expecting '${check.type.toLowerCase()}' to be set for ${check.type} health check`;
  }
  return undefined;
}

export function invalidResources(resources: readonly WireResource[]): string | undefined {
  for (const resource of resources) {
    if (resource.type !== 'SCALAR' || resource.scalar.value >= 0) continue;
    return `Resource '${describeResource(resource)}' is invalid: Invalid scalar resource: value <= 0`;
  }
  return undefined;
}

function wrongExecutor(task: WireTaskInfo): string | undefined {
  if ((task.command === undefined) === (task.executor === undefined)) {
    return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present';
  }
  return task.executor === undefined ? undefined : 'Custom executors are not simulated';
}

/** `described` stands between the two lists of resources in the sentence. */
export function tooMuch(
  wanted: readonly WireResource[],
  { role, available }: LaunchPlace,
  described: string,
): string | undefined {
  const foreign = wanted.some(({ allocation_info: allocation }) => (allocation?.role ?? role) !== role);
  if (!foreign && available.contains(Resources.of(wanted))) return undefined;
  const required = describeResources(wanted, role);
  return `Total resources ${required} ${described} ${describeResources(available.toWire(), role)}`;
}
