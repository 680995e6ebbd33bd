import type { MesosReport } from '../administration/mesos-report.ts';
import type { MesosStatus } from '../containers/mesos/mesos-status.ts';
import type { InvokerSnapshot } from '../invoker/invoker.ts';

type Snapshot = InvokerSnapshot['containers'][number];

/** A task's name is its container's, with the word by which people find it in Mesos. */
function taskName({ name }: Snapshot): string {
  return name.replace(/^wsk/, 'whisk');
}

/** Mesos may have a later attempt to launch a task under its id with a number. */
function withoutAttempt(id: string): string {
  return id.replace(/\.\d+$/, '');
}

/** A container by the id of its task; by its name only while it has no id, since names come again. */
function finder(
  containers: readonly Snapshot[],
): (task: MesosStatus['tasks'][number]) => Snapshot | undefined {
  const byId = new Map<string, Snapshot>();
  const byTaskName = new Map<string, Snapshot>();
  for (const container of containers) {
    if (container.id === undefined) byTaskName.set(taskName(container), container);
    else byId.set(container.id, container);
  }
  return ({ id, name }) => byId.get(id) ?? byId.get(withoutAttempt(id)) ?? byTaskName.get(name);
}

/** What Mesos knows of the tasks, joined with what the pool knows of the containers that they are. */
export function mesosPage(
  status: MesosStatus,
  containers: readonly Snapshot[],
  { userMemoryMb }: { readonly userMemoryMb: number },
): MesosReport {
  const containerOf = finder(containers);
  const tasks = status.tasks.map((task) => {
    const found = containerOf(task);
    if (found === undefined) return task;
    const { action, activations, active, state } = found;
    return { ...task, container: { state, active, activations, ...(action !== undefined && { action }) } };
  });
  const usedMb = containers.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
  return { ...status, tasks, memory: { usedMb, userMemoryMb } };
}
