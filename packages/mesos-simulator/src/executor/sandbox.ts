import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { ContainerLaunch } from '../agent/messages.ts';

/** Where a container's files are. The layout is Mesos's own, since clients build paths of it. */
export interface Sandbox {
  /** `<work dir>/slaves/<agent id>/frameworks/<id>/executors/<id>/runs/<container id>`. */
  readonly executorDirectory: string;
  /** Where the task's process starts: the executor's directory, or one below it for a task of a group. */
  readonly directory: string;
  /** Its name for people: below `tasks/` for a task of a group. */
  readonly stdout: string;
  readonly stderr: string;
}

export function sandboxOf(workDirectory: string, launch: ContainerLaunch): Sandbox {
  const { agentId, frameworkId, executorId, containerId, parentId } = launch;
  const runs = join(
    workDirectory,
    'slaves',
    agentId,
    'frameworks',
    frameworkId,
    'executors',
    executorId,
    'runs',
  );
  const executorDirectory = join(runs, parentId ?? containerId);
  const directory =
    parentId === undefined ? executorDirectory : join(executorDirectory, 'containers', containerId);
  return {
    executorDirectory,
    directory,
    stdout: join(directory, 'stdout'),
    stderr: join(directory, 'stderr'),
  };
}

/** Makes it, empty, with the links by which it is found: `runs/latest`, and `tasks/<task id>` in a group. */
export async function createSandbox(sandbox: Sandbox, launch: ContainerLaunch): Promise<void> {
  await mkdir(sandbox.directory, { recursive: true });
  // A task may run as any user, and so may who looks at it.
  await chmod(sandbox.directory, 0o755);
  await Promise.all([
    writeFile(sandbox.stdout, '', { flag: 'a' }),
    writeFile(sandbox.stderr, '', { flag: 'a' }),
  ]);
  const runs = dirname(sandbox.executorDirectory);
  await link(launch.parentId ?? launch.containerId, join(runs, 'latest'), launch);
  if (launch.parentId === undefined) return;
  const tasks = join(sandbox.executorDirectory, 'tasks');
  await mkdir(tasks, { recursive: true });
  await link(join('..', 'containers', launch.containerId), join(tasks, launch.task.task_id.value), launch);
}

/** Replaces a link at once: nobody finds it missing, though members of a group make the same one at a time. */
async function link(target: string, path: string, { containerId }: ContainerLaunch): Promise<void> {
  const fresh = `${path}.${containerId}`;
  await symlink(target, fresh);
  await rename(fresh, path);
}
