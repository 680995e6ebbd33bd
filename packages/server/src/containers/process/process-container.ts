import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Container, ContainerExit, ContainerLogs, LogListener, LogStreamName } from '../container.ts';

/** What is kept of the logs until somebody listens. */
const MAX_KEPT_BYTES = 1024 * 1024;

class ProcessLogs implements ContainerLogs {
  #listener: LogListener | undefined;
  #kept: [LogStreamName, Buffer][] = [];
  #keptBytes = 0;

  attach(name: LogStreamName, stream: Readable): void {
    stream.on('data', (bytes: Buffer) => this.#take(name, bytes));
  }

  listen(listener: LogListener): void {
    this.#listener = listener;
    for (const [stream, bytes] of this.#kept.splice(0)) listener(stream, bytes);
  }

  #take(stream: LogStreamName, bytes: Buffer): void {
    if (this.#listener) return this.#listener(stream, bytes);
    if (this.#keptBytes + bytes.length > MAX_KEPT_BYTES) return;
    this.#keptBytes += bytes.length;
    this.#kept.push([stream, bytes]);
  }
}

export interface ProcessLaunch {
  readonly id: string;
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** The runtime's listening Unix socket. */
  readonly socketPath: string;
  /** Working directory; removed with the container. */
  readonly directory: string;
}

/** A runtime as a plain child process in a session of its own, so that its whole process group ends with it. */
export class ProcessContainer implements Container {
  readonly id: string;
  readonly address: { readonly socketPath: string };
  readonly logs: ContainerLogs;
  readonly died: Promise<ContainerExit>;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #hasExited = false;
  #destroying: Promise<void> | undefined;

  private constructor(launch: ProcessLaunch) {
    const [program = '', ...rest] = launch.argv;
    this.id = launch.id;
    this.address = { socketPath: launch.socketPath };
    this.#directory = launch.directory;
    this.#child = spawn(program, rest, {
      cwd: launch.directory,
      env: launch.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const logs = new ProcessLogs();
    if (this.#child.stdout) logs.attach('stdout', this.#child.stdout);
    if (this.#child.stderr) logs.attach('stderr', this.#child.stderr);
    this.logs = logs;
    this.died = new Promise((resolve) => {
      const end = (exit: ContainerExit) => {
        this.#hasExited = true;
        resolve(exit);
      };
      this.#child.once('error', () => end({ outOfMemory: false }));
      this.#child.once('exit', (code, signal) => {
        // What the process has started may outlive it: the container has not ended before that has.
        this.#signal('SIGKILL');
        end({
          outOfMemory: false,
          ...(code !== null && { exitCode: code }),
          ...(signal !== null && { signal }),
        });
      });
    });
  }

  static start(launch: ProcessLaunch): ProcessContainer {
    return new ProcessContainer(launch);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async suspend(): Promise<void> {
    this.#signal('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.#signal('SIGCONT');
  }

  destroy(): Promise<void> {
    return (this.#destroying ??= this.#destroy());
  }

  async #destroy(): Promise<void> {
    if (!this.#hasExited) this.#signal('SIGKILL');
    await this.died;
    await rm(this.#directory, { recursive: true, force: true }).catch(() => undefined);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  }
}
