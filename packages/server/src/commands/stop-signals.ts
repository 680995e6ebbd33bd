import { readFileSync } from 'node:fs';

import type { Clock } from '../base/clock.ts';

/**
 * One Ctrl-C under npm arrives twice: from the terminal, which tells the whole process group, and from npm, which
 * passes on its own. What comes this soon after the first is the same wish.
 */
const SAME_WISH_MS = 600;

/** How often it is looked whether npm's shell still lives. */
const PARENT_CHECK_MS = 200;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What the operator asks for by signals: first to stop, then to stop at once. */
export interface StopSignals {
  /** Resolves at the first signal, with its name. */
  readonly stop: Promise<string>;
  /** Resolves at a second one. */
  readonly force: Promise<string>;
}

/** Command line and parent of a process; empty where it can't be seen. */
function lookAt(pid: number): { readonly command: string; readonly parent: number } {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return { command, parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) };
  } catch {
    return { command: '', parent: 0 };
  }
}

/** Is the parent the shell that npm puts around a script? */
function isUnderNpm(): boolean {
  const shell = lookAt(process.ppid);
  return /^\S*sh -c .*vibrissa/.test(shell.command) && /\bnp[mx]\b/.test(lookAt(shell.parent).command);
}

/**
 * `npm start` and `npx` put a shell between npm and this process. A signal to npm ends the shell and never comes here:
 * that the shell has gone is then all that can be seen of it.
 */
function watchShell(clock: Clock, gone: () => void): void {
  if (!isUnderNpm()) return;
  const shell = process.ppid;
  const watch = clock.every(PARENT_CHECK_MS, () => {
    if (process.ppid === shell) return;
    watch.cancel();
    gone();
  });
}

/** Listens to the signals that stop a process; from then on they end nothing by themselves. */
export function listenForStop(clock: Clock): StopSignals {
  let firstAt: number | undefined;
  let stop!: (signal: string) => void;
  let force!: (signal: string) => void;
  const stopPromise = new Promise<string>((resolve) => (stop = resolve));
  const forcePromise = new Promise<string>((resolve) => (force = resolve));
  watchShell(clock, () => {
    firstAt ??= clock.monotonicMs();
    stop('the end of npm');
  });
  for (const signal of signals) {
    process.on(signal, () => {
      const now = clock.monotonicMs();
      if (firstAt === undefined) {
        firstAt = now;
        stop(signal);
      } else if (now - firstAt > SAME_WISH_MS) force(signal);
    });
  }
  return { stop: stopPromise, force: forcePromise };
}
