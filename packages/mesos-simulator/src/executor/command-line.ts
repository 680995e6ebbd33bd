import type { WireCommandInfo } from '@vibrissa/mesos/wire';

/** A program to start, as `execvp` takes it. */
export interface CommandLine {
  readonly file: string;
  /** Without the first, which is `argv0`. */
  readonly args: readonly string[];
  readonly argv0: string;
}

/**
 * A command as Mesos means it: a line for the shell, or a program whose arguments begin with its own name. Undefined:
 * there is nothing to start.
 */
export function commandLine(command: WireCommandInfo | undefined): CommandLine | undefined {
  if (command?.value === undefined) return undefined;
  const { value, shell = true, arguments: given = [] } = command;
  if (shell) return { file: '/bin/sh', args: ['-c', value], argv0: 'sh' };
  const [argv0 = value, ...args] = given;
  return { file: value, args, argv0 };
}
