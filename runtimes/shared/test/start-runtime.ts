/** Starts a runtime as a process of its own, and speaks to it as the platform does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownPort } from '@vibrissa/testkit';
import { vi } from 'vitest';

/** Of a busy machine: what never comes is told of sooner, by who waits for it. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const root = fileURLToPath(new URL('../../', import.meta.url));
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const commands = {
  nodejs: [process.execPath, join(root, 'nodejs/runtime.js')],
  python: [python, join(root, 'python/runtime.py')],
  actionloop: [process.execPath, join(root, 'actionloop/runtime.js')],
} as const;

/** Binds and listens, then becomes the command, with the socket as descriptor 3: as a spawner does. */
const INHERIT = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(64)
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.execvp(sys.argv[2], sys.argv[2:])
`;

/** For what never comes: a busy machine stands still for seconds. */
const NEVER_MS = 40_000;

type Target = { readonly path: string } | { readonly host: string; readonly port: number };

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly json: unknown;
}

export interface StartOptions {
  /** `task port`: it is told the port only as Mesos's tasks are, by `env`. */
  readonly via?: 'descriptor' | 'socket' | 'port' | 'task port';
  readonly port?: number;
  readonly env?: { readonly [name: string]: string };
}

export class RunningRuntime {
  readonly directory: string;
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly #target: Target;
  /** One connection for all requests that one after another are sent to it, as the platform has it. */
  readonly #agent = new Agent({ keepAlive: true });
  stdout = '';
  stderr = '';

  constructor(parts: { directory: string; process: ChildProcess; target: Target }) {
    this.directory = parts.directory;
    this.process = parts.process;
    this.#target = parts.target;
    this.exited = once(parts.process, 'close').then(([code]) => code as number | null);
    parts.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    parts.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  post(path: string, body: unknown, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const to = 'path' in this.#target ? { socketPath: this.#target.path } : this.#target;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...to,
          path,
          method: 'POST',
          headers: { 'Content-Length': Buffer.byteLength(text), ...headers },
          agent: this.#agent,
        },
        (incoming) => {
          let answer = '';
          incoming.setEncoding('utf8').on('data', (piece: string) => (answer += piece));
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              body: answer,
              json: JSON.parse(answer) as unknown,
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  }

  init(code: string, more: { readonly [name: string]: unknown } = {}): Promise<Answer> {
    return this.post('/init', { value: { name: 'test', main: 'main', binary: false, code, ...more } });
  }

  initArchive(archive: Buffer, more: { readonly [name: string]: unknown } = {}): Promise<Answer> {
    return this.init(archive.toString('base64'), { binary: true, ...more });
  }

  run(value: unknown = {}, more: { readonly [name: string]: unknown } = {}): Promise<Answer> {
    return this.post('/run', { value, ...more });
  }

  /** Sends bytes on a connection of its own; resolves with all that comes back once the runtime ends it. */
  raw(bytes: string | Buffer, options: { readonly halfClose?: boolean } = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(
        'path' in this.#target ? { path: this.#target.path, allowHalfOpen: true } : this.#target,
      );
      let answer = '';
      socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
      socket.on('error', reject);
      socket.on('end', () => {
        socket.destroy();
        resolve(answer);
      });
      socket.write(bytes);
      if (options.halfClose) socket.end();
    });
  }

  /** Sends the same again and again, and reads nothing; resolves when the runtime ends that. */
  flood(bytes: string): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect('path' in this.#target ? { path: this.#target.path } : this.#target).pause();
      const many = bytes.repeat(200);
      const send = () => {
        while (socket.write(many));
      };
      socket.on('connect', send).on('drain', send);
      socket.on('error', () => {}).on('close', () => resolve());
    });
  }

  stdoutContains(text: string): Promise<void> {
    return this.#until(`“${text}” on stdout`, () => this.stdout.includes(text));
  }

  stderrContains(text: string): Promise<void> {
    return this.#until(`“${text}” on stderr`, () => this.stderr.includes(text));
  }

  /** Resolves when both streams contain it, so often. */
  logsContain(text: string, times = 1): Promise<void> {
    const isIn = (stream: string) => stream.split(text).length > times;
    return this.#until(`“${text}” on both streams`, () => isIn(this.stdout) && isIn(this.stderr));
  }

  /** Resolves when it takes connections. */
  takesConnections(): Promise<void> {
    return this.#until('a listener', () => canConnect(this.#target));
  }

  /** Rejects, with what it has said, where it has ended without that, or it never comes. */
  async #until(what: string, isThere: () => boolean | Promise<boolean>): Promise<void> {
    let ended = false;
    void this.exited.then(() => (ended = true));
    const giveUpAt = performance.now() + NEVER_MS;
    while (!(await isThere())) {
      if (ended || performance.now() > giveUpAt)
        throw new Error(
          `The runtime ${ended ? `has ended (${this.process.exitCode ?? this.process.signalCode})` : 'goes on'} without ${what}.\nstdout: ${this.stdout}\nstderr: ${this.stderr}`,
        );
      await pause();
    }
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.process.kill('SIGKILL');
    await this.exited;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function startRuntime(
  kind: keyof typeof commands,
  options: StartOptions = {},
): Promise<RunningRuntime> {
  const directory = mkdtempSync(join(tmpdir(), 'runtime-test-'));
  const path = join(directory, 'container.sock');
  const port = options.port ?? (options.via === 'port' ? await ownPort() : 0);
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', __OW_ACTION_DIR: directory, ...options.env };
  const [program, script] = commands[kind];
  const via = options.via ?? 'descriptor';
  const child =
    via === 'descriptor'
      ? spawn(python, ['-c', INHERIT, path, program, script], {
          env: { ...env, __OW_LISTEN_FD: '3' },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
      : spawn(program, [script], {
          env: { ...env, ...whereToListen(via, { path, port }) },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
  const target = port !== 0 ? { host: '127.0.0.1', port } : { path };
  const runtime = new RunningRuntime({ directory, process: child, target });
  try {
    await runtime.takesConnections();
  } catch (error) {
    await runtime.stop();
    throw error;
  }
  return runtime;
}

function whereToListen(via: StartOptions['via'], at: { path: string; port: number }): NodeJS.ProcessEnv {
  if (via === 'socket') return { __OW_LISTEN_SOCKET: at.path };
  return via === 'port' ? { __OW_PORT: String(at.port) } : {};
}

function canConnect(target: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
