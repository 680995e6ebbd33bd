/** The runtime of a container on an agent: started, watched, ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Server } from 'node:net';
import { innerProcess } from '../attach-network.ts';
import { letGoOn, waitingOn } from '../go-on.ts';
import { listeningFd } from '../listening-socket.ts';

export interface RuntimePlan {
  /** The whole command line. In it {@link inItsPlace} is around the runtime's own. */
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** Does it begin with bubblewrap? */
  readonly sandboxed: boolean;
  /** The user that it is on the agent; absent: the launcher's. */
  readonly uid?: number;
  readonly seccompFile?: string;
}

/** Descriptors of the new process: 3 its socket, 4 its line to the launcher, 5 the task's stderr, 6 the filter. */
const LINE_FD = 4;
const script = `ulimit -c 0; ulimit -n 1024 2>/dev/null; ulimit -f "$1" 2>/dev/null; shift; ${waitingOn(LINE_FD)}; exec "$@" 2>&5 4>&- 5>&- 6>&-`;
/** A user of its own can be bounded; one that all containers of an agent share can't. bash has -u, dash has -p. */
const bounded = `{ ulimit -u 1024 || ulimit -p 1024; } 2>/dev/null; ${script}`;

/** No file of a sandbox is larger: its output is a file of the agent, which holes make as large as one likes. */
const MOST_FILE_MB = 1024;
/** In the blocks of `ulimit -f`, as POSIX has them. */
const BLOCKS_PER_MB = 2048;

interface Bounds {
  /** It is a user of its own on the agent. */
  readonly ownUser: boolean;
  /** What its own file systems hold; undefined: its files are the agent's, and not bounded. */
  readonly sizesMb?: readonly number[];
}

/**
 * A shell that bounds itself, tells the launcher that it runs, and becomes the runtime when the launcher says so. Until
 * then stderr is the launcher's, so that what bubblewrap complains of is no line of the action's logs.
 */
export function inItsPlace(argv: readonly string[], { ownUser, sizesMb }: Bounds): string[] {
  const blocks = sizesMb && Math.max(MOST_FILE_MB, ...sizesMb) * BLOCKS_PER_MB;
  return ['/bin/sh', '-c', ownUser ? bounded : script, 'sh', String(blocks ?? 'unlimited'), ...argv];
}

const signalNumbers: { readonly [signal: string]: number } = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

/** As shells say how a process ended. */
export function exitCodeOf(code: number | null, signal: string | null): number {
  return code ?? 128 + (signalNumbers[signal ?? ''] ?? 0);
}

function launch(plan: RuntimePlan, server: Server): ChildProcess {
  const filter = plan.seccompFile === undefined ? undefined : openSync(plan.seccompFile, 'r');
  const [program = '', ...args] = plan.argv;
  try {
    return spawn(program, args, {
      cwd: '/',
      env: plan.env,
      stdio: ['ignore', 'inherit', 'pipe', listeningFd(server), 'pipe', 2, filter ?? 'ignore'],
      // A plain process leads a group of its own, so that its children can be ended with it.
      detached: !plan.sandboxed,
      ...(plan.uid === undefined ? {} : { uid: plan.uid, gid: plan.uid }),
    });
  } finally {
    if (filter !== undefined) closeSync(filter);
    server.close();
  }
}

export class RuntimeProcess {
  /** Settles once it runs (undefined), or has ended before: what was said of that. */
  readonly started: Promise<string | undefined>;
  /** Settles with its exit code. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #sandboxed: boolean;
  #isOver = false;

  /** `server` listens for it, and is closed here. */
  constructor(plan: RuntimePlan, server: Server) {
    const child = launch(plan, server);
    let said = '';
    this.#child = child;
    this.#sandboxed = plan.sandboxed;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        said ||= error.message;
        if (child.pid === undefined) resolve(127);
      });
      child.once('close', (code, signal) => resolve(exitCodeOf(code, signal)));
      child.once('exit', () => (this.#isOver = true));
    });
    this.started = Promise.race([
      letGoOn(child, LINE_FD).then(() => undefined),
      this.ended.then((code) => said.trim() || `it ended with code ${code}`),
    ]);
  }

  /** Ends it and all that it started. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#isOver) return;
    // With its process 1 the kernel ends the whole pid namespace; bubblewrap ends when that is over, not before.
    const target = this.#sandboxed ? (innerProcess(pid) ?? pid) : -pid;
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}
