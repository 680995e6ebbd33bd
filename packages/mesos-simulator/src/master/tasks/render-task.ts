import type { Task } from '../state/task.ts';

/** A task as the operator API shows it. */
export function renderTask(task: Task): Readonly<Record<string, unknown>> {
  const { info, forwarded } = task;
  return {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: task.frameworkId },
    ...(task.executorId === undefined ? {} : { executor_id: { value: task.executorId } }),
    agent_id: info.agent_id,
    state: task.state,
    resources: info.resources,
    ...(task.statuses.length === 0 ? {} : { statuses: task.statuses }),
    ...(forwarded === undefined
      ? {}
      : { status_update_state: forwarded.state, status_update_uuid: forwarded.uuid }),
    ...(info.labels === undefined ? {} : { labels: info.labels }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
    ...(info.container === undefined ? {} : { container: info.container }),
    ...(info.health_check === undefined ? {} : { health_check: info.health_check }),
  };
}
