import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';

import type { CommandLine } from './command-line.ts';
import type { ProcessGuard } from './process-guard.ts';
import type { SystemUser } from './system-user.ts';

export interface ProcessOptions {
  readonly command: CommandLine;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user?: SystemUser;
  /** Files that its output is appended to; absent: it is thrown away. */
  readonly output?: { readonly stdout: string; readonly stderr: string };
  readonly guard: ProcessGuard;
  /** A fourth descriptor, read to its end. */
  readonly onInfo?: (text: string) => void;
}

export interface Ended {
  readonly exitCode?: number;
  readonly signal?: NodeJS.Signals;
}

/** A process group that was started by {@link runProcess}. */
export interface RunningProcess {
  /** Absent: it could not be started, which has been taken for an exit with status 1, as Mesos's launcher does. */
  readonly pid?: number;
  readonly ended: Promise<Ended>;
  signal(signal: NodeJS.Signals): void;
}

/** Sends a signal to a whole process group; one that has ended already is no error. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It is gone, which is what a signal is for.
  }
}

function start(options: ProcessOptions): ChildProcess {
  const { command, directory, environment, user, output } = options;
  const opened = output ? [openSync(output.stdout, 'a'), openSync(output.stderr, 'a')] : [];
  try {
    return spawn(command.file, command.args, {
      argv0: command.argv0,
      cwd: directory,
      env: environment,
      detached: true,
      stdio: ['ignore', opened[0] ?? 'ignore', opened[1] ?? 'ignore', options.onInfo ? 'pipe' : 'ignore'],
      ...user,
    });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/**
 * Starts a program in a process group of its own and watches over it: what it leaves in the group dies with it.
 * Resolves as soon as it runs, or could not be started.
 */
export async function runProcess(options: ProcessOptions): Promise<RunningProcess> {
  const child = start(options);
  const { pid } = child;
  const { guard, output, onInfo } = options;
  if (pid !== undefined) guard.watch(pid);
  if (onInfo) readAll(child, onInfo);
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error) => {
      if (pid !== undefined) return;
      const line = `Failed to execute command '${options.command.file}': ${error.message}\n`;
      void (output ? appendFile(output.stderr, line).catch(() => {}) : Promise.resolve()).then(() =>
        resolve({ exitCode: 1 }),
      );
    });
    child.once('exit', (exitCode, signal) => {
      if (pid !== undefined) {
        signalGroup(pid, 'SIGKILL');
        guard.forget(pid);
      }
      resolve(signal ? { signal } : { exitCode: exitCode ?? 1 });
    });
  });
  await new Promise<void>((resolve) => {
    child.once('spawn', resolve);
    child.once('error', () => resolve());
  });
  return {
    ...(pid === undefined ? {} : { pid }),
    ended,
    signal: (signal) => {
      if (pid !== undefined && child.exitCode === null && child.signalCode === null) signalGroup(pid, signal);
    },
  };
}

function readAll(child: ChildProcess, onInfo: (text: string) => void): void {
  const source = child.stdio[3];
  let text = '';
  source?.on('data', (piece: Buffer) => (text += piece.toString()));
  source?.once('end', () => onInfo(text));
  source?.on('error', () => {});
}
