/** Real tasks: the archive, unpacked, its launcher started as an agent does, spoken to over TCP. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer, request, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { discoverRuntimes } from '../discover-runtimes.ts';
import { buildAgentArchive } from './agent-archive.ts';

const TOKEN = 'token-of-this-task';
const root = process.getuid?.() === 0;
const scratch = mkdtempSync(join(tmpdir(), 'vibrissa-launch-'));
const agent = join(scratch, 'agent files');
const kinds = await discoverRuntimes({
  runtimeDir: new URL('../../../../../../runtimes', import.meta.url).pathname,
  execPath: process.execPath,
  path: '',
  home: '/',
});
const pythonKind = [...kinds.commands.keys()].find((kind) => kind.startsWith('python:')) ?? 'python:3';
const nodeKind = `nodejs:${process.versions.node.split('.')[0]}`;

const closing: (() => unknown)[] = [];
beforeAll(() => {
  mkdirSync(agent);
  chmodSync(scratch, 0o755);
  execFileSync('tar', ['-xzf', '-', '-C', agent], { input: buildAgentArchive().bytes });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Answer {
  readonly status: number;
  readonly json: { readonly [name: string]: unknown };
}

interface Task {
  readonly id: string;
  readonly port: number;
  readonly directory: string;
  readonly launcher: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  readonly output: { stdout: string; stderr: string };
  post(path: string, body?: unknown): Promise<Answer>;
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

let counter = 0;

/** With nothing in its environment but what a task of ours has. */
async function startTask({ env, within = [], directory, user, port }: TaskOptions = {}): Promise<Task> {
  const own = directory ?? mkdtempSync(join(scratch, 'task-'));
  const id = `whisk-${process.pid}-${counter++}`;
  const taskPort = port ?? (await freePort());
  const words = [...within, process.execPath, join(agent, 'launch.mjs')];
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
  closing.push(async () => {
    launcher.kill('SIGKILL');
    await ended;
  });
  const post = (path: string, body: unknown = {}) => postTo(taskPort, path, body);
  return {
    id,
    port: taskPort,
    directory: own,
    launcher,
    ended,
    output,
    post,
    async init(code) {
      await untilListening(taskPort, launcher);
      const { status, json } = await post('/init', {
        value: { name: 'test', main: 'main', binary: false, code },
      });
      expect({ status, json }).toMatchObject({ status: 200 });
    },
    run: async (args = {}) => (await post('/run', { value: args })).json,
  };
}

async function untilListening(port: number, launcher: ChildProcess): Promise<void> {
  for (;;) {
    if (launcher.exitCode !== null) throw new Error(`the launcher has ended with ${launcher.exitCode}`);
    const taken = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (taken) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function postTo(port: number, path: string, body: unknown, token = TOKEN): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, method: 'POST', headers: { 'X-Vibrissa-Token': token }, agent: false },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, json: JSON.parse(text) as Answer['json'] }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}

/** All processes of this machine that belong to the task: the launcher, bubblewrap, the runtime and its children. */
function processesOf({ id }: Task): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) => {
      try {
        const words =
          readFileSync(`/proc/${pid}/environ`, 'utf8') + readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.includes(id);
      } catch {
        return false;
      }
    });
}

/** What launchers of this user keep for all their tasks, wherever that is. */
function groundFiles(): string[] {
  return ['/run', '/dev/shm', tmpdir()].flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.startsWith(`vibrissa-agent-${process.getuid?.() ?? 0}-`))
      .flatMap((name) => readdirSync(join(parent, name))),
  );
}

/** A service of this machine that no action should reach; counts who does. */
async function openService(): Promise<{ readonly port: number; visits: () => number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.on('error', () => {}).end('reached');
  }).listen(0, '0.0.0.0');
  await once(server, 'listening');
  closing.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, visits: () => visits };
}

const echo =
  'function main(args) { console.log("printed"); return { args, task: process.env.MESOS_TASK_ID }; }';

describe('a task that runs the launcher', () => {
  it('initialises and runs an action over TCP, which may know its task', async () => {
    const task = await startTask();
    await task.init(echo);
    expect(await task.run({ a: 'ü' })).toEqual({ args: { a: 'ü' }, task: task.id });
    await expect.poll(() => task.output.stdout).toContain('printed');
    expect(task.output.stderr).not.toContain('bwrap');
  });

  it.each([pythonKind, 'blackbox'])('runs the kind %s', async (kind) => {
    const task = await startTask({ env: { VIBRISSA_KIND: kind } });
    await task.init(
      kind === 'blackbox' ? '#!/bin/sh\necho "{\\"got\\":$1}"\n' : 'def main(args): return {"got": args}',
    );
    expect(await task.run({ a: 1 })).toEqual({ got: { a: 1 } });
  });

  it('takes what is large, both ways', async () => {
    const task = await startTask();
    await task.init('function main({ text }) { return { length: text.length, text }; }');
    const text = 'x'.repeat(8 * 1024 * 1024);
    expect(await task.run({ text })).toEqual({ length: text.length, text });
  });

  it('answers nobody without its token', async () => {
    const task = await startTask();
    await task.init(echo);
    expect((await postTo(task.port, '/run', {}, 'another')).status).toBe(403);
    expect((await task.post('/status')).json).toEqual({ initialised: true, running: 0 });
  });

  it('refuses connections beyond what its runtime can hold, and goes on', async () => {
    const task = await startTask();
    await task.init(echo);
    let closed = 0;
    const sockets = Array.from({ length: 500 }, () =>
      connect(task.port, '127.0.0.1')
        .on('error', () => {})
        .on('close', () => (closed += 1))
        .resume(),
    );
    closing.push(() => sockets.forEach((socket) => socket.destroy()));
    await expect.poll(() => closed, { timeout: 8000 }).toBeGreaterThanOrEqual(500 - 257);
    expect(closed).toBeLessThan(500);
    sockets.forEach((socket) => socket.destroy());
    await expect
      .poll(() => task.run({ a: 1 }).catch(() => undefined), { timeout: 8000 })
      .toMatchObject({ args: { a: 1 } });
    expect(task.launcher.exitCode).toBeNull();
  });

  it('ends with the exit code of its runtime', async () => {
    const task = await startTask();
    await task.init('function main() { process.exit(7); }');
    await task.run().catch(() => {});
    expect(await task.ended).toEqual({ code: 7, signal: null });
    expect(task.output.stderr).toBe('');
  });

  it('passes on the answer of a runtime that ends right after it', async () => {
    const task = await startTask();
    await task.init(`function main() {
      setTimeout(() => process.exit(5), 1);
      return { text: 'x'.repeat(100000) };
    }`);
    expect(await task.run()).toEqual({ text: 'x'.repeat(100_000) });
    expect(await task.ended).toEqual({ code: 5, signal: null });
  });

  it('says 137 when its runtime was killed', async () => {
    const task = await startTask();
    await task.init(echo);
    const inner = processesOf(task).find(
      (pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/runtime/nodejs/runtime.js') &&
        !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--unshare-all'),
    );
    process.kill(inner ?? 0, 'SIGKILL');
    expect(await task.ended).toEqual({ code: 137, signal: null });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('leaves no process and no file after %s', async (signal, code) => {
    const task = await startTask({ env: { VIBRISSA_API: 'http://127.0.0.1:9' } });
    await task.init(`require('child_process').spawn('sleep', ['1000'], { detached: true }); ${echo}`);
    expect(processesOf(task).length).toBeGreaterThanOrEqual(4);
    task.launcher.kill(signal);
    expect(await task.ended).toEqual({ code, signal: null });
    expect(processesOf(task)).toEqual([]);
    expect(readdirSync(task.directory)).toEqual([]);
    expect(groundFiles().filter((name) => name.includes(String(task.port)))).toEqual([]);
  });

  it('leaves no process when the launcher is killed', async () => {
    const task = await startTask();
    await task.init(`require('child_process').spawn('sleep', ['1000'], { detached: true }); ${echo}`);
    task.launcher.kill('SIGKILL');
    await task.ended;
    await expect.poll(() => processesOf(task)).toEqual([]);
  });

  it('ends at once when it is told to before anything runs', async () => {
    const task = await startTask();
    task.launcher.kill('SIGTERM');
    const { code, signal } = await task.ended;
    expect(signal ?? code).toSatisfy((how) => how === 'SIGTERM' || how === 143);
    await expect.poll(() => processesOf(task)).toEqual([]);
  });
});

describe('an action in a task', () => {
  it('has no network', async () => {
    const service = await openService();
    const task = await startTask();
    await task.init(`exports.main = ({ port }) => new Promise((resolve) => {
      const interfaces = Object.keys(require('os').networkInterfaces());
      require('net').connect(port, '127.0.0.1', () => resolve({ interfaces, outcome: 'connected' }))
        .on('error', ({ code }) => resolve({ interfaces, outcome: code }));
    });`);
    expect(await task.run({ port: service.port })).toEqual({ interfaces: ['lo'], outcome: 'ECONNREFUSED' });
    expect(service.visits()).toBe(0);
  });

  it('gets none from the sockets that its runtime holds, however it turns them', async () => {
    const service = await openService();
    const task = await startTask({ env: { VIBRISSA_KIND: pythonKind } });
    await task.init(`import ctypes, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
def main(args):
  port = struct.pack('!H', args['port'])
  v4 = struct.pack('=H', socket.AF_INET) + port + socket.inet_aton('127.0.0.1') + bytes(8)
  v6 = struct.pack('=H', socket.AF_INET6) + port + bytes(4) + socket.inet_pton(socket.AF_INET6, '::ffff:127.0.0.1') + bytes(4)
  reached = []
  for fd in range(3, 256):
    for turn in (lambda: libc.shutdown(fd, 2), lambda: libc.connect(fd, bytes(16), 16)):
      turn()
      for address in (v4, v6):
        if libc.connect(fd, address, len(address)) == 0:
          reached.append(fd)
  return {'reached': reached}
`);
    // The connection that the answer should take is broken, too.
    await expect(task.run({ port: service.port })).rejects.toThrow();
    task.launcher.kill();
    await task.ended;
    expect(service.visits()).toBe(0);
  });

  it("sees neither files of the agent, nor its other processes, nor the launcher's environment", async () => {
    const task = await startTask({ env: { VIBRISSA_API: 'http://127.0.0.1:9' } });
    await task.init(`const fs = require('fs');
    exports.main = ({ paths }) => ({
      seen: paths.filter((path) => fs.existsSync(path)),
      processes: fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)),
      names: Object.keys(process.env).filter((name) => /VIBRISSA|PORT0|TOKEN|HOST/.test(name)),
      user: process.getuid(),
    });`);
    const paths = [task.directory, agent, '/root', '/home', '/etc/shadow', '/var/lib'];
    const { processes, ...seen } = (await task.run({ paths })) as { processes: string[] };
    expect(seen).toEqual({ seen: [], names: ['__OW_API_HOST'], user: 65_534 });
    expect(processes).toEqual(['1']);
  });

  it.runIf(root)('is a user of its own on the agent', async () => {
    const tasks = await Promise.all([startTask(), startTask()]);
    const users = new Set<string>();
    for (const task of tasks) {
      await task.init(echo);
      const [pid = 0] = processesOf(task).filter((one) => one !== task.launcher.pid);
      users.add(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0');
    }
    expect(users.size).toBe(2);
    expect(users.has('0')).toBe(false);
  });

  it('can neither fork nor fill the disk without end', async () => {
    const task = await startTask({ env: { VIBRISSA_SANDBOX: '{"tmpMb":1}' } });
    await task.init(`const fs = require('fs');
    exports.main = () => {
      try { fs.writeFileSync('/tmp/large', Buffer.alloc(2 * 1024 * 1024)); return { outcome: 'written' }; }
      catch ({ code }) { return { outcome: code, limits: fs.readFileSync('/proc/self/limits', 'utf8') }; }
    };`);
    const { outcome, limits } = (await task.run()) as { outcome: string; limits: string };
    expect(outcome).toBe('ENOSPC');
    expect(limits).toMatch(/Max open files\s+1024\s+1024/);
    expect(limits).toMatch(/Max file size\s+1073741824\s+1073741824/);
    expect(limits).toMatch(/Max core file size\s+0\s+0/);
    if (root) expect(limits).toMatch(/Max processes\s+1024\s+1024/);
  });
});

describe('the output of an action in a task', () => {
  it('is a file of the agent that cannot be made as large as one likes', async () => {
    const directory = mkdtempSync(join(scratch, 'output-'));
    const stdout = join(directory, 'stdout');
    const task = await startTask({ directory, within: ['sh', '-c', 'exec "$@" >>stdout', 'sh'] });
    await task.init(`exports.main = () => {
      try { require('fs').ftruncateSync(1, 2 ** 40); return { outcome: 'made' }; }
      catch ({ code }) { return { outcome: code }; }
    };`);
    expect(await task.run()).toEqual({ outcome: 'EFBIG' });
    expect(statSync(stdout).size).toBeLessThan(1024 * 1024);
  });
});

describe("the platform's API, from an action in a task", () => {
  const call = `exports.main = async () => {
    try { return { text: await (await fetch(process.env.__OW_API_HOST + '/ping')).text() }; }
    catch (error) { return { failed: true }; }
  };`;
  const ping: RequestListener = (incoming, outgoing) => outgoing.end(`pong ${incoming.url}`);

  it('is reached by its usual address', async () => {
    const api = createHttpServer(ping).listen(0, '127.0.0.1');
    await once(api, 'listening');
    closing.push(() => api.close());
    const task = await startTask({
      env: { VIBRISSA_API: `http://127.0.0.1:${(api.address() as AddressInfo).port}` },
    });
    await task.init(call);
    expect(await task.run()).toEqual({ text: 'pong /ping' });
  });

  it('is reached over TLS, when its certificate is trusted', async () => {
    const files = { key: join(scratch, 'key.pem'), cert: join(scratch, 'cert.pem') };
    const shape = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    const subject = ['-subj', '/CN=api', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...shape, ...subject, '-keyout', files.key, '-out', files.cert], {
      stdio: 'ignore',
    });
    const cert = readFileSync(files.cert, 'utf8');
    const api = createHttpsServer({ key: readFileSync(files.key), cert }, ping).listen(0, '127.0.0.1');
    await once(api, 'listening');
    closing.push(() => api.close());
    const VIBRISSA_API = `https://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const trusting = await startTask({ env: { VIBRISSA_API, VIBRISSA_API_CA: cert } });
    await trusting.init(call);
    expect(await trusting.run()).toEqual({ text: 'pong /ping' });
    const strict = await startTask({ env: { VIBRISSA_API } });
    await strict.init(call);
    expect(await strict.run()).toEqual({ failed: true });
  });

  it('fails at once when nothing is there', async () => {
    // Below the range of which systems hand out ports: a task that starts meanwhile can't be given it.
    const task = await startTask({ env: { VIBRISSA_API: 'http://127.0.0.1:1' } });
    await task.init(call);
    expect(await task.run()).toEqual({ failed: true });
  });
});

describe("a task that can't run here", () => {
  /** bubblewrap is there, and no user namespace to be had. */
  const withoutNamespaces = [
    'unshare',
    '--user',
    '--map-root-user',
    'sh',
    '-c',
    'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"',
    'sh',
  ];
  /** The agent's own root, with one program that is none. */
  const withoutBubblewrap = [
    'bwrap',
    '--die-with-parent',
    '--dev-bind',
    '/',
    '/',
    '--ro-bind',
    '/dev/null',
    '/usr/bin/bwrap',
    '--',
  ];
  const refusal = async (task: Task) => ({ ...(await task.ended), lines: task.output.stderr.split('\n') });

  it.each([
    [{ VIBRISSA_KIND: 'cobol:85' }, /^The kind 'cobol:85' has no runtime on this agent \(there are: .*\)\.$/],
    [{ VIBRISSA_KIND: undefined }, /^VIBRISSA_KIND is not set/],
    [{ VIBRISSA_SANDBOX: '[]x' }, /^VIBRISSA_SANDBOX has other sizes/],
  ])('says why in one line and ends with 78: %j', async (env, line) => {
    const { code, lines } = await refusal(await startTask({ env }));
    expect(code).toBe(78);
    expect(lines).toEqual([expect.stringMatching(line), '']);
  });

  it('says that its port is taken, and leaves nothing', async () => {
    const service = await openService();
    const task = await startTask({ port: service.port });
    const { code, lines } = await refusal(task);
    expect(code).toBe(78);
    expect(lines).toEqual([expect.stringMatching(/^The task's port can't be listened on: .*EADDRINUSE/), '']);
    expect(processesOf(task)).toEqual([]);
  });

  it('says that bubblewrap is missing, and how to get it', async () => {
    const { code, lines } = await refusal(await startTask({ within: withoutBubblewrap }));
    expect(code).toBe(78);
    expect(lines).toEqual([
      'bubblewrap is not installed on this agent: sudo apt-get install bubblewrap (Fedora: sudo dnf install bubblewrap); or let actions run without any isolation: mesos.command.allowUnconfined',
      '',
    ]);
  });

  it('says that there are no user namespaces, and how to get them', async () => {
    const { code, lines } = await refusal(await startTask({ within: withoutNamespaces }));
    expect(code).toBe(78);
    expect(lines).toEqual([
      expect.stringMatching(
        /^bubblewrap can't make a sandbox on this agent \(bwrap: .*\): sudo sysctl -w user\.max_user_namespaces=15000; .*; or let actions run without any isolation: mesos\.command\.allowUnconfined$/,
      ),
      '',
    ]);
  });

  it.each([
    ['bubblewrap', withoutBubblewrap],
    ['user namespaces', withoutNamespaces],
  ])('runs without isolation where that is allowed and this is missing: %s', async (_what, within) => {
    const env = { VIBRISSA_ALLOW_UNCONFINED: '1', VIBRISSA_API: 'http://127.0.0.1:9' };
    const task = await startTask({ within, env });
    await task.init(
      'function main() { return { api: process.env.__OW_API_HOST, task: process.env.MESOS_TASK_ID }; }',
    );
    expect(await task.run()).toEqual({ api: 'http://127.0.0.1:9', task: task.id });
    expect((await postTo(task.port, '/run', {}, 'another')).status).toBe(403);
    task.launcher.kill('SIGTERM');
    await task.ended;
    await expect.poll(() => processesOf(task)).toEqual([]);
  });

  it('keeps its sandbox where it may do without one and need not', async () => {
    const task = await startTask({ env: { VIBRISSA_ALLOW_UNCONFINED: '1' } });
    await task.init('function main() { return { home: require("fs").existsSync("/root") }; }');
    expect(await task.run()).toEqual({ home: false });
  });

  it('takes no plain process of a launcher that was killed along into the next life', async () => {
    const task = await startTask({ within: withoutNamespaces, env: { VIBRISSA_ALLOW_UNCONFINED: '1' } });
    await task.init(echo);
    task.launcher.kill('SIGKILL');
    await task.ended;
    await expect.poll(() => processesOf(task)).toEqual([]);
  });
});

describe('a task on an agent that gives it little', () => {
  it.runIf(root)('runs for a user without a home, with a umask of 077', async () => {
    const directory = mkdtempSync(join(scratch, 'own-'));
    execFileSync('chown', ['12345:12345', directory]);
    const task = await startTask({
      directory,
      user: 12_345,
      within: ['sh', '-c', 'umask 077; exec "$@"', 'sh'],
    });
    await task.init(echo);
    expect(await task.run({})).toMatchObject({ task: task.id });
  });

  it('runs from files that only root can read, with a umask of 077', async () => {
    const task = await startTask({ within: ['sh', '-c', 'umask 077; exec "$@"', 'sh'] });
    await task.init(echo);
    expect(await task.run({})).toMatchObject({ task: task.id });
  });

  /** In a mount namespace of its own; `$1` stays writable. */
  const readOnly = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount --bind "$1" "$1" && mount -o remount,bind,ro / && cd "$0" && shift && exec "$@"',
  ];

  it.runIf(root)('runs where all but its own directory is read-only', async () => {
    const directory = mkdtempSync(join(scratch, 'only-'));
    const task = await startTask({ directory, within: [...readOnly, directory, directory] });
    await task.init(echo);
    expect(await task.run({})).toMatchObject({ task: task.id });
  });

  it.runIf(root)("says so where its own directory can't be written", async () => {
    const directory = mkdtempSync(join(scratch, 'none-'));
    const task = await startTask({
      directory,
      within: [...readOnly, directory, mkdtempSync(join(scratch, 'other-'))],
    });
    expect((await task.ended).code).toBe(78);
    expect(task.output.stderr).toMatch(/^The container can't be started on this agent: .*EROFS.*\n$/);
  });

  it('runs in a directory whose path is too long for a socket', async () => {
    const directory = join(scratch, 'slaves-'.repeat(12), 'executors-'.repeat(10));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'stdout'), '');
    const task = await startTask({ directory });
    await task.init(echo);
    expect(await task.run({})).toMatchObject({ task: task.id });
    expect(existsSync(join(directory, 'stdout'))).toBe(true);
  });
});
