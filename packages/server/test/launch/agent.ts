import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPort } from '@vibrissa/testkit';
import { afterAll, afterEach, vi } from 'vitest';
import { buildAgentArchive } from '../../src/containers/sandbox/on-agent/agent-archive.ts';
import { nodeKind } from './kinds-of-tasks.ts';
import { postTo, type TaskAnswer } from './post-to-task.ts';

// A busy machine takes its time to start a task: the limit is for what never comes.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const TOKEN = 'token-of-this-task';

/** An action that shows that it has run, and which task it is in. */
export const echo =
  'function main(args) { console.log("printed"); return { args, task: process.env.MESOS_TASK_ID }; }';

/** The launcher, started as an agent does; what it says, and what its container answers. */
export interface Task {
  readonly id: string;
  readonly port: number;
  readonly directory: string;
  readonly launcher: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  readonly output: { stdout: string; stderr: string };
  /** Without a token of its own it shows the right one. */
  post(path: string, body?: unknown, token?: string): Promise<TaskAnswer>;
  /** Initialises with this code. */
  init(code: string): Promise<void>;
  /** What the action answers. */
  run(args?: object): Promise<unknown>;
}

interface TaskOptions {
  readonly env?: { readonly [name: string]: string | undefined };
  /** Words before the launcher's command line. */
  readonly within?: readonly string[];
  readonly directory?: string;
  readonly user?: number;
  readonly port?: number;
}

async function untilListening({ port, launcher, output }: Pick<Task, 'port' | 'launcher' | 'output'>) {
  for (;;) {
    const how = launcher.exitCode ?? launcher.signalCode;
    if (how !== null) throw new Error(`the launcher has ended with ${how}: ${output.stderr}`);
    const taken = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (taken) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** An agent of Mesos: the archive, unpacked, and the tasks that it runs. */
class Agent {
  /** Everybody may look into it. */
  readonly scratch = mkdtempSync(join(tmpdir(), 'vibrissa-launch-'));
  readonly files = join(this.scratch, 'agent files');
  readonly #closing: (() => unknown)[] = [];
  #counter = 0;

  static open(): Agent {
    const agent = new Agent();
    mkdirSync(agent.files);
    chmodSync(agent.scratch, 0o755);
    execFileSync('tar', ['-xzf', '-', '-C', agent.files], { input: buildAgentArchive().bytes });
    return agent;
  }

  directory(name: string): string {
    return mkdtempSync(join(this.scratch, `${name}-`));
  }

  /** What is to be done when the test ends, the last first. */
  later(close: () => unknown): void {
    this.#closing.push(close);
  }

  /** With nothing in its environment but what a task of ours has. */
  async startTask({ env, within = [], directory, user, port }: TaskOptions = {}): Promise<Task> {
    const own = directory ?? this.directory('task');
    // None is the beginning of another: by it a task's processes are found.
    const id = `whisk-${process.pid}-${this.#counter++}-task`;
    const taskPort = port ?? (await ownPort());
    const words = [...within, process.execPath, join(this.files, 'launch.mjs')];
    const launcher = spawn(words[0] ?? '', words.slice(1), {
      cwd: own,
      env: { VIBRISSA_KIND: nodeKind, PORT0: String(taskPort), __OW_TOKEN: TOKEN, MESOS_TASK_ID: id, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    const output = { stdout: '', stderr: '' };
    launcher.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    launcher.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      launcher.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.later(async () => {
      launcher.kill('SIGKILL');
      await ended;
    });
    const post = (path: string, body: unknown = {}, token = TOKEN) => postTo(taskPort, { path, body, token });
    return {
      id,
      port: taskPort,
      directory: own,
      launcher,
      ended,
      output,
      post,
      async init(code) {
        await untilListening({ port: taskPort, launcher, output });
        const { status, json } = await post('/init', {
          value: { name: 'test', main: 'main', binary: false, code },
        });
        if (status !== 200) throw new Error(`/init: ${status} ${JSON.stringify(json)}`);
      },
      run: async (args = {}) => (await post('/run', { value: args })).json,
    };
  }

  /** A service of this machine that no action should reach; counts who does. */
  async openService(): Promise<{ readonly port: number; visits: () => number }> {
    let visits = 0;
    const server = createServer((socket) => {
      visits++;
      socket.on('error', () => {}).end('reached');
    });
    return { port: await this.listen(server), visits: () => visits };
  }

  /** Its port; closed when the test ends. */
  async listen(server: Server): Promise<number> {
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    this.later(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  /** After each test: no task goes on. */
  async endTasks(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }

  close(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

/** For all tests of the file that calls this: an agent on which no task outlives its test. */
export function useAgent(): Agent {
  const agent = Agent.open();
  afterEach(() => agent.endTasks());
  afterAll(() => agent.close());
  return agent;
}
