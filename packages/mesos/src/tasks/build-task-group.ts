import type { WireContainerInfo, WireOperation, WireResource } from '../wire/index.ts';
import { portMappings } from './build-container.ts';
import { buildTaskInfo, type TaskLaunch } from './build-task-info.ts';
import type { CompiledGroup } from './compile-group.ts';

/** One attempt to launch a group at a place. */
export interface GroupLaunch {
  /** The default executor's description must name it, unlike any other. */
  readonly frameworkId: string;
  /** Unique among the framework's executors on the agent: a new attempt takes a new one. */
  readonly executorId: string;
  readonly executorResources: readonly WireResource[];
  /** In the order of the group's tasks. */
  readonly tasks: readonly TaskLaunch[];
}

/** The network belongs to the executor's container: the tasks are nested in it and can't have one of their own. */
function executorContainer(
  group: CompiledGroup,
  tasks: readonly TaskLaunch[],
): WireContainerInfo | undefined {
  if (!group.network) return undefined;
  const mappings = group.tasks.flatMap(({ spec }, index) =>
    portMappings(spec.ports ?? [], tasks[index]?.placement.hostPorts ?? []),
  );
  const info = { name: group.network.name, ...(mappings.length > 0 && { port_mappings: mappings }) };
  return { type: 'MESOS', network_infos: [info] };
}

/** The LAUNCH_GROUP of one attempt. Throws `TaskNotBuilt` where a task's `customize` fails. */
export function buildTaskGroup(group: CompiledGroup, launch: GroupLaunch): WireOperation {
  const container = executorContainer(group, launch.tasks);
  const tasks = group.tasks.flatMap((task, index) => {
    const taskLaunch = launch.tasks[index];
    return taskLaunch ? [buildTaskInfo(task, taskLaunch)] : [];
  });
  return {
    type: 'LAUNCH_GROUP',
    launch_group: {
      executor: {
        type: 'DEFAULT',
        executor_id: { value: launch.executorId },
        framework_id: { value: launch.frameworkId },
        resources: launch.executorResources,
        ...(container && { container }),
      },
      task_group: { tasks },
    },
  };
}
