import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

// A busy machine takes ten seconds to start a platform, and a test may start several: the limit is for what never comes.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const bin = fileURLToPath(new URL('../../bin/vibrissa.js', import.meta.url));

const directories: string[] = [];
const processes = new Set<PlatformProcess>();

/** A directory that is removed by {@link cleanUp}. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'vibrissa-platform-'));
  directories.push(directory);
  return directory;
}

/** Ends every platform that a test has left running, and removes the temporary directories. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...processes].map((process) => process.end()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An environment without settings of whoever runs the tests. */
function cleanEnvironment(extra: { [name: string]: string }): { [name: string]: string } {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(VIBRISSA_|CONFIG_|LIMITS_|NODE_)/.test(name),
  );
  return { ...(Object.fromEntries(kept) as { [name: string]: string }), ...extra };
}

/** A `vibrissa` process of its own, as a user starts it. */
export class PlatformProcess {
  readonly #child: ChildProcess;
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';
  readonly dataDir: string;

  constructor(args: readonly string[], options: { dataDir: string; env?: { [name: string]: string } }) {
    this.dataDir = options.dataDir;
    this.#child = spawn(process.execPath, [bin, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a test can signal the whole group as a terminal does.
      detached: true,
      env: cleanEnvironment(options.env ?? {}),
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve) =>
      this.#child.once('close', (code, signal) => {
        processes.delete(this);
        resolve({ code, signal });
      }),
    );
    processes.add(this);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The port that it says it is ready on. */
  get port(): number {
    return Number(/^Ready on port (\d+)\./m.exec(this.stdout)?.[1] ?? 0);
  }

  get key(): string {
    return readFileSync(join(this.dataDir, 'auth.guest'), 'utf8').trim();
  }

  /** Resolves when it takes requests; rejects when it ends before. */
  async ready(): Promise<this> {
    await this.until(() => this.port !== 0);
    return this;
  }

  /** Resolves when it has said this on its standard output; rejects when it ends before. */
  says(text: string): Promise<void> {
    return this.until(() => this.stdout.includes(text));
  }

  /** Resolves when it has said enough for this; rejects when it ends before. */
  async until(holds: () => boolean): Promise<void> {
    const ended = this.exited.then(({ code, signal }) => {
      throw new Error(`ended with ${code ?? signal}:\n${this.stdout}${this.stderr}`);
    });
    ended.catch(() => {});
    while (!holds()) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10))]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** `kill -9`, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** Stops it, so that it leaves nothing; kills it when it doesn't. */
  async end(): Promise<void> {
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 30_000);
    await this.stop();
    clearTimeout(impatience);
  }

  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exited;
  }
}

/** Starts a platform on a free port and resolves when it is ready. */
export function startPlatform(
  options: { dataDir?: string; args?: readonly string[]; env?: { [name: string]: string } } = {},
): Promise<PlatformProcess> {
  const dataDir = options.dataDir ?? temporaryDirectory();
  const args = ['start', '--port', '0', '--data-dir', dataDir, ...(options.args ?? [])];
  return new PlatformProcess(args, { dataDir, env: options.env ?? {} }).ready();
}

/** Runs a command that ends by itself. */
export async function runVibrissa(
  args: readonly string[],
  env: { [name: string]: string } = {},
): Promise<Exit & { stdout: string; stderr: string }> {
  const child = new PlatformProcess(args, { dataDir: '', env });
  const exit = await child.exited;
  return { ...exit, stdout: child.stdout, stderr: child.stderr };
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
}

export interface RequestTarget {
  readonly port?: number;
  readonly socketPath?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly headers?: { [name: string]: string };
}

/** One request on a connection of its own. */
export function ask(
  target: RequestTarget,
  line: `${'GET' | 'PUT' | 'POST' | 'DELETE'} ${string}`,
  body?: unknown,
): Promise<Reply> {
  const [method = '', path = ''] = line.split(/ (.*)/);
  const json = body === undefined ? undefined : JSON.stringify(body);
  const headers: { [name: string]: string } = { ...target.headers };
  if (target.key !== undefined)
    headers['authorization'] = `Basic ${Buffer.from(target.key).toString('base64')}`;
  if (json !== undefined) headers['content-type'] = 'application/json';
  const where = target.socketPath
    ? { socketPath: target.socketPath }
    : { host: '127.0.0.1', port: target.port };
  const options = { ...where, method, path, headers, agent: false as const };
  return new Promise((resolve, reject) => {
    const request = target.ca
      ? httpsRequest({ ...options, ca: target.ca, servername: 'localhost' })
      : httpRequest(options);
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, body: parse(text) }));
    });
    request.end(json);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Activation {
  readonly activationId: string;
  readonly duration: number;
  readonly logs: readonly string[];
  readonly response: { readonly status: string; readonly result: { readonly [name: string]: unknown } };
}

/** What a user does with a platform, as its guest. */
export function guestOf(platform: PlatformProcess) {
  const target = { port: platform.port, key: platform.key };
  const call: (line: Parameters<typeof ask>[1], body?: unknown) => Promise<Reply> = (line, body) =>
    ask(target, line, body);
  const collection = '/api/v1/namespaces/_';
  return {
    call,
    create: async (name: string, code: string, rest: object = {}) => {
      const body = { exec: { kind: 'nodejs:default', code }, ...rest };
      const reply = await call(`PUT ${collection}/actions/${name}?overwrite=true`, body);
      if (reply.status !== 200) throw new Error(reply.text);
    },
    invoke: (name: string, args: object = {}) =>
      call(`POST ${collection}/actions/${name}?blocking=true`, args),
    start: async (name: string, args: object = {}): Promise<string> => {
      const reply = await call(`POST ${collection}/actions/${name}`, args);
      if (reply.status !== 202) throw new Error(`${reply.status}: ${reply.text}`);
      return (reply.body as { activationId: string }).activationId;
    },
    /** The record, as soon as there is one. */
    record: async (activationId: string): Promise<Activation> => {
      for (;;) {
        const reply = await call(`GET ${collection}/activations/${activationId}`);
        if (reply.status === 200) return reply.body as Activation;
        if (reply.status !== 404) throw new Error(`${reply.status}: ${reply.text}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    list: async () =>
      (await call(`GET ${collection}/activations?limit=200`)).body as { activationId: string }[],
  };
}
