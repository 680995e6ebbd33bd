import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Container } from '../container.ts';
import { ContainerStartError, type ContainerFactory, type ContainerSpec } from '../container-factory.ts';
import { ProcessContainer } from './process-container.ts';

/** How often a runtime that boots is asked whether its socket is there. */
const POLL_MS = 5;
const BOOT_TIMEOUT_MS = 30_000;

export interface ProcessFactoryDeps {
  /** A directory of this platform's own, for sockets and working directories. Its path is short: sockets have 107 bytes. */
  readonly directory: string;
  /** The command line of each kind. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
  readonly clock: Clock;
  /** Added to the environment of every runtime. */
  readonly env?: { readonly [name: string]: string };
}

interface Leftover {
  readonly pid: number;
  /** Start time in clock ticks since boot: tells the process from a later one with its number. */
  readonly startTicks: string;
}

const PROCESS_FILE = 'process.json';

/** Field 22 of `/proc/<pid>/stat`; undefined when there is no such process. */
async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function canConnect(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Runs runtimes as plain child processes: no isolation, no limits of memory. For machines that offer nothing better,
 * and for tests.
 */
export class ProcessContainerFactory implements ContainerFactory {
  readonly technology = 'process';
  readonly #deps: ProcessFactoryDeps;
  readonly #containers = new Set<ProcessContainer>();
  #count = 0;

  private constructor(deps: ProcessFactoryDeps) {
    this.#deps = deps;
  }

  static async open(deps: ProcessFactoryDeps): Promise<ProcessContainerFactory> {
    await mkdir(deps.directory, { recursive: true, mode: 0o700 });
    return new ProcessContainerFactory(deps);
  }

  supports(kind: string, image: string | undefined): ReturnType<ContainerFactory['supports']> {
    if (this.#deps.commands.has(kind) && (image === undefined || image.includes('dockerskeleton'))) {
      return { ok: true };
    }
    const what = image === undefined ? `kind '${kind}'` : `image '${image}'`;
    return { ok: false, reason: `The container factory 'process' cannot run actions of ${what}.` };
  }

  async create(spec: ContainerSpec, signal?: AbortSignal): Promise<Container> {
    const argv = this.#deps.commands.get(spec.kind);
    if (!argv) throw new ContainerStartError('platform', `No runtime for kind '${spec.kind}'`);
    const directory = join(this.#deps.directory, `c${this.#count++}`);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { mode: 0o700 });
    const socketPath = join(directory, 'run.sock');
    const container = ProcessContainer.start({
      id: spec.name,
      argv,
      directory,
      socketPath,
      env: {
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        ...this.#deps.env,
        ...spec.env,
        __OW_LISTEN_SOCKET: socketPath,
      },
    });
    this.#containers.add(container);
    void container.died.then(() => this.#containers.delete(container));
    await this.#remember(container, directory);
    const problem = await this.#awaitBoot(container, socketPath, signal);
    if (problem === undefined) return container;
    await container.destroy();
    if (signal?.aborted) signal.throwIfAborted();
    throw new ContainerStartError('platform', `The runtime of kind '${spec.kind}' ${problem}`);
  }

  async removeLeftovers(): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.#deps.directory)) {
      const directory = join(this.#deps.directory, name);
      const left = await readFile(join(directory, PROCESS_FILE), 'utf8').catch(() => undefined);
      if (left !== undefined) await this.#kill(JSON.parse(left) as Leftover);
      await rm(directory, { recursive: true, force: true });
      removed += 1;
    }
    return removed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#containers].map((container) => container.destroy()));
  }

  async #kill({ pid, startTicks: ticks }: Leftover): Promise<void> {
    if ((await startTicks(pid)) !== ticks) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }

  async #remember(container: ProcessContainer, directory: string): Promise<void> {
    const { pid } = container;
    const ticks = pid === undefined ? undefined : await startTicks(pid);
    if (ticks === undefined) return;
    await writeFile(join(directory, PROCESS_FILE), JSON.stringify({ pid, startTicks: ticks })).catch(
      () => undefined,
    );
  }

  /** Undefined when the runtime takes connections; otherwise what is the matter with it. */
  async #awaitBoot(
    container: ProcessContainer,
    socketPath: string,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const { clock } = this.#deps;
    const untilMs = clock.monotonicMs() + BOOT_TIMEOUT_MS;
    let hasDied = false;
    void container.died.then(() => (hasDied = true));
    while (!hasDied && !signal?.aborted && clock.monotonicMs() < untilMs) {
      if (await canConnect(socketPath)) return undefined;
      await clock.sleep(POLL_MS);
    }
    if (signal?.aborted) return 'was no longer wanted';
    return hasDied ? 'ended before it listened' : 'did not listen in time';
  }
}
