import type { Clock } from '../base/clock.ts';

/**
 * One Ctrl-C under npm arrives twice: from the terminal, which tells the whole process group, and from npm, which
 * passes on its own. What comes this soon after the first is the same wish.
 */
const SAME_WISH_MS = 600;

/** How often it is looked whether npm still lives. */
const PARENT_CHECK_MS = 200;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What the operator asks for by signals: first to stop, then to stop at once. */
export interface StopSignals {
  /** Resolves at the first signal, with its name. */
  readonly stop: Promise<string>;
  /** Resolves at a second one. */
  readonly force: Promise<string>;
}

/**
 * `npm start` and `npx` put a shell between npm and this process. A signal to npm ends the shell and never comes here:
 * that the parent has gone is then all that can be seen of it.
 */
function watchParent(clock: Clock, gone: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined && process.env['npm_command'] === undefined) return;
  const parent = process.ppid;
  const watch = clock.every(PARENT_CHECK_MS, () => {
    if (process.ppid === parent) return;
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
  watchParent(clock, () => {
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
