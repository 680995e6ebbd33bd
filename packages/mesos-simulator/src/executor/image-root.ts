import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import type { CommandLine } from './command-line.ts';
import { LaunchRefused } from './container.ts';
import type { SandboxPlaces } from './task-environment.ts';

/** Where a task with an image finds its sandbox. */
export const SANDBOX_IN_IMAGE = '/mnt/mesos/sandbox';

/** Made anew for each task, whatever the image has there. */
const ownDirectories = new Set(['proc', 'dev', 'tmp', 'mnt', 'run']);

export interface ImageVolume {
  /** Absolute. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ImageRun {
  /** The directory that is the task's root. */
  readonly root: string;
  readonly sandbox: SandboxPlaces;
  readonly volumes: readonly ImageVolume[];
}

/** `bwrap`, where this machine has it. */
export function findBubblewrap(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(':');
  return directories.map((directory) => join(directory, 'bwrap')).find((file) => existsSync(file));
}

function mounts(root: string): string[] {
  return readdirSync(root).flatMap((name) => {
    if (ownDirectories.has(name)) return [];
    const path = join(root, name);
    return lstatSync(path).isSymbolicLink()
      ? ['--symlink', readlinkSync(path), `/${name}`]
      : ['--ro-bind', path, `/${name}`];
  });
}

/**
 * A command in an image's root, by bubblewrap: the image's directories read-only, `/tmp` and the sandbox writable, the
 * machine's network. The process that counts is told through descriptor 3, in a session of its own: the outer one
 * would die of a signal before the task could answer it.
 */
export function commandInImage(command: CommandLine, run: ImageRun): CommandLine {
  const bubblewrap = findBubblewrap();
  if (bubblewrap === undefined) {
    throw new LaunchRefused(
      'Failed to launch container: tasks with images need bubblewrap (bwrap), which this machine does not have',
    );
  }
  const volumes = run.volumes.flatMap(({ source, target, readOnly }) => [
    readOnly ? '--ro-bind' : '--bind',
    source,
    target,
  ]);
  const { directory, inside } = run.sandbox;
  const args = [
    '--die-with-parent --new-session --info-fd 3'.split(' '),
    mounts(run.root),
    '--dev /dev --ro-bind /proc /proc --tmpfs /tmp'.split(' '),
    ['--bind', directory, inside, '--chdir', inside],
    volumes,
    ['--', command.file],
    command.args,
  ].flat();
  return { file: bubblewrap, args, argv0: 'bwrap' };
}
