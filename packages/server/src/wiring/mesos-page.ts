import type { MesosReport } from '../administration/mesos-report.ts';
import type { MesosStatus } from '../containers/mesos/mesos-status.ts';
import type { InvokerSnapshot } from '../invoker/invoker.ts';

type Snapshot = InvokerSnapshot['containers'][number];

/** A task's name is its container's, with the word by which people find it in Mesos. */
function taskName({ name }: Snapshot): string {
  return name.replace(/^wsk/, 'whisk');
}

/**
 * Mesos may not have told yet that tasks of an earlier life are gone, and names begin anew with each life: a container
 * that knows its task is no other's. The id has a number behind it where the task was launched again.
 */
function isTaskOf({ id }: Snapshot, taskId: string): boolean {
  return id === undefined || taskId === id || taskId.startsWith(`${id}.`);
}

/** What Mesos knows of the tasks, joined with what the pool knows of the containers that they are. */
export function mesosPage(status: MesosStatus, containers: readonly Snapshot[]): MesosReport {
  const byTaskName = new Map(containers.map((container) => [taskName(container), container]));
  const tasks = status.tasks.map((task) => {
    const found = byTaskName.get(task.name);
    if (found === undefined || !isTaskOf(found, task.id)) return task;
    const { action, activations, active, state } = found;
    return { ...task, container: { state, active, activations, ...(action !== undefined && { action }) } };
  });
  return { ...status, tasks };
}
