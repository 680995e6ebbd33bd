/** The platform's end of the spawner: orders out, replies and events in. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../../base/logger.ts';
import { lineReader, type NetworkOrder, type SpawnerReply, type StartOrder } from './spawner-protocol.ts';

export interface SandboxExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly oomKills: number;
}

/** Called for the sandboxes that this spawner started. */
export interface SpawnerEvents {
  exit(name: string, exit: SandboxExit): void;
  gone(name: string): void;
  /** The spawner has ended, and with it every sandbox it had. */
  ended(): void;
}

interface Waiting {
  resolve(pid: number): void;
  reject(error: Error): void;
}

/** Started from TypeScript sources (tests), the spawner is the one that the build made: Node 20 runs no TypeScript. */
function spawnerProgram(): string {
  const here = fileURLToPath(new URL('./spawner.js', import.meta.url));
  return existsSync(here) ? here : here.replace('/src/containers/', '/dist/containers/');
}

type SpawnerProcess = ChildProcessByStdio<Writable, Readable, Readable>;

export class SpawnerClient {
  readonly #process: SpawnerProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #alive = true;
  #nextId = 1;

  private constructor(process: SpawnerProcess, events: SpawnerEvents, logger: Logger) {
    this.#process = process;
    process.stdin.on('error', (error) =>
      logger.debug({ error: error.message }, 'the spawner takes no orders'),
    );
    process.stdout.setEncoding('utf8').on(
      'data',
      lineReader((line) => this.#take(JSON.parse(line) as SpawnerReply, events)),
    );
    process.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => logger.warn({ text: text.slice(0, 4000) }, 'the spawner complained'));
    this.#ended = new Promise((resolve) => {
      const onEnd = () => {
        if (!this.#alive) return;
        this.#alive = false;
        for (const waiting of this.#waiting.values()) waiting.reject(new Error('the spawner has ended'));
        this.#waiting.clear();
        events.ended();
        resolve();
      };
      process.once('close', onEnd);
      process.once('error', onEnd);
    });
  }

  /** Starts a spawner that works in `directory` (0700): sockets and FIFOs are names in it. */
  static open(directory: string, events: SpawnerEvents, logger: Logger): SpawnerClient {
    const child = spawn(
      process.execPath,
      // It holds next to nothing: a small heap and no helper threads keep it small and its forks cheap.
      ['--max-old-space-size=64', '--max-semi-space-size=1', '--v8-pool-size=1', spawnerProgram(), directory],
      { detached: true, stdio: ['pipe', 'pipe', 'pipe'], env: {}, cwd: '/' },
    );
    return new SpawnerClient(child, events, logger);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Resolves with the pid of the process that watches the sandbox. */
  start(order: Omit<StartOrder, 'do' | 'id'>): Promise<number> {
    return this.#ask((id) => ({ do: 'start', id, ...order }) satisfies StartOrder);
  }

  async attachNetwork(order: Omit<NetworkOrder, 'do' | 'id'>): Promise<void> {
    await this.#ask((id) => ({ do: 'network', id, ...order }) satisfies NetworkOrder);
  }

  async makeFifos(names: readonly string[]): Promise<void> {
    await this.#ask((id) => ({ do: 'fifos', id, names }));
  }

  kill(name: string): void {
    this.#send({ do: 'kill', name });
  }

  /** Lets the spawner kill all it has, and resolves when it has ended. */
  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
  }

  #ask(order: (id: number) => object): Promise<number> {
    if (!this.#alive) return Promise.reject(new Error('the spawner has ended'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send(order(id));
    });
  }

  #send(order: object): void {
    if (this.#alive) this.#process.stdin.write(`${JSON.stringify(order)}\n`);
  }

  #take(message: SpawnerReply, events: SpawnerEvents): void {
    if ('event' in message) {
      if (message.event === 'exit') events.exit(message.name, message);
      else events.gone(message.name);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.ok) waiting?.resolve(message.pid ?? 0);
    else waiting?.reject(new Error(message.error));
  }
}
