import type { TaskState, WireTaskInfo, WireTaskStatus } from '@vibrissa/mesos/wire';
import { summarize } from './resource-summary.ts';

/** A task as a master and an agent both know it. */
export interface SeenTask {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  /** Of a group's tasks only: the executor of a plain task goes by the task's own id, and is not told. */
  readonly executorId: string | undefined;
  readonly state: TaskState;
  readonly statuses: readonly WireTaskStatus[];
  readonly info: WireTaskInfo;
}

/** The fields of a status that the older endpoints show. */
function statusView(status: WireTaskStatus): Record<string, unknown> {
  const { state, timestamp, healthy, check_status, labels, container_status } = status;
  const { executor_pid: _pid, ...container } = container_status ?? {};
  return {
    state,
    timestamp,
    ...(labels ? { labels: labels.labels } : {}),
    ...(container_status ? { container_status: container } : {}),
    ...(healthy === undefined ? {} : { healthy }),
    ...(check_status === undefined ? {} : { check_status }),
  };
}

/** A task as `/state` and `/tasks` show it. */
export function taskView(task: SeenTask): Record<string, unknown> {
  const { info } = task;
  return {
    id: task.id,
    name: info.name,
    framework_id: task.frameworkId,
    executor_id: task.executorId ?? '',
    slave_id: task.agentId,
    state: task.state,
    resources: summarize(info.resources),
    role: info.resources[0]?.allocation_info?.role ?? '*',
    statuses: task.statuses.map(statusView),
    ...(info.labels ? { labels: info.labels.labels } : {}),
    ...(info.discovery ? { discovery: info.discovery } : {}),
    ...(info.container ? { container: info.container } : {}),
    ...(info.health_check ? { health_check: info.health_check } : {}),
  };
}

/** A task as the v1 API tells it. */
export function toldTask(task: SeenTask): Record<string, unknown> {
  const { info, statuses } = task;
  const last = statuses.at(-1);
  return {
    name: info.name,
    task_id: { value: task.id },
    framework_id: { value: task.frameworkId },
    ...(task.executorId === undefined ? {} : { executor_id: { value: task.executorId } }),
    agent_id: { value: task.agentId },
    state: task.state,
    resources: info.resources,
    statuses,
    ...(last ? { status_update_state: last.state } : {}),
    ...(last?.uuid === undefined ? {} : { status_update_uuid: last.uuid }),
    ...(info.labels ? { labels: info.labels } : {}),
    ...(info.discovery ? { discovery: info.discovery } : {}),
    ...(info.container ? { container: info.container } : {}),
    ...(info.health_check ? { health_check: info.health_check } : {}),
  };
}

/** Whether `/state-summary` has a field for it. */
const isCounted: Readonly<Record<TaskState, boolean>> = {
  TASK_STAGING: true,
  TASK_STARTING: true,
  TASK_RUNNING: true,
  TASK_KILLING: true,
  TASK_FINISHED: true,
  TASK_KILLED: true,
  TASK_FAILED: true,
  TASK_LOST: true,
  TASK_ERROR: true,
  TASK_UNREACHABLE: true,
  TASK_DROPPED: false,
  TASK_GONE: false,
  TASK_GONE_BY_OPERATOR: false,
  TASK_UNKNOWN: false,
};
const counted = Object.entries(isCounted).flatMap(([state, counts]) => (counts ? state : []));

/** How many tasks are in each state, as `/state-summary` shows it. */
export function countStates(tasks: readonly SeenTask[]): Record<string, number> {
  return Object.fromEntries(
    counted.map((state) => [state, tasks.filter((task) => task.state === state).length]),
  );
}
