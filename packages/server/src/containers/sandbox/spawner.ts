/**
 * The spawner: a small process of its own that starts sandboxes for the platform. Forking it is cheap, because it is
 * small; it leads its own session, so that a Ctrl-C meant for the platform passes it by; and it ends when its pipe
 * does, after everything it started is gone. Orders come on standard input, replies go to standard output.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { attachNetwork, innerProcess } from './attach-network.ts';
import { killCgroup, makeCgroups, oomKills, removeCgroup, writeIfPresent } from './cgroup-files.ts';
import type { CgroupPlan } from './cgroup-plan.ts';
import { letGoOn } from './go-on.ts';
import { listeningFd, listenUnder } from './listening-socket.ts';
import {
  LINE_FD,
  lineReader,
  type NetworkOrder,
  type SpawnerOrder,
  type SpawnerReply,
  type StartOrder,
} from './spawner-protocol.ts';
import { strandedProcesses } from './stranded.ts';

interface Started {
  readonly child: ChildProcess;
  readonly order: StartOrder;
  helper?: ChildProcess;
  ended: boolean;
}

const sandboxes = new Map<string, Started>();
let ending = false;

function reply(message: SpawnerReply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Descriptors of the new process: 3 its socket, 4 the seccomp filter, 5 its line to here, then the cgroups that it enters. */
const FIRST_CGROUP_FD = LINE_FD + 1;

/** `sh` limits and places itself, then becomes the sandbox. */
function launchScript(groups: number): string {
  const numbers = Array.from({ length: groups }, (_, index) => index + FIRST_CGROUP_FD);
  const enter = numbers.map((fd) => `echo 0 >&${fd} && `).join('');
  return `ulimit -c 0 && ulimit -n 1024 && ${enter}exec "$@"${numbers.map((fd) => ` ${fd}>&-`).join('')}`;
}

/**
 * The writing end of a FIFO. Opening it waits for a reader: were the platform killed a moment ago, for ever, and with it
 * all that was to be ended. So this process is a reader itself for as long as that takes.
 */
function openFifo(path: string): number {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return openSync(path, constants.O_WRONLY);
  } finally {
    closeSync(reader);
  }
}

function launch(order: StartOrder, server: Server): ChildProcess {
  const opened: number[] = [];
  const keep = (fd: number) => {
    opened.push(fd);
    return fd;
  };
  try {
    const stdio: StdioOptions = [
      'ignore',
      keep(openFifo(order.stdout)),
      keep(openFifo(order.stderr)),
      listeningFd(server),
      order.seccompFile === undefined ? 'ignore' : keep(openSync(order.seccompFile, 'r')),
      order.sandboxed ? 'pipe' : 'ignore',
    ];
    const directories = order.cgroups?.directories ?? [];
    // Opened with our own rights: the kernel judges a move by who opened the file, so the child may have none.
    for (const { path, enter } of directories) stdio.push(keep(openSync(join(path, enter), 'w')));
    const child = spawn('/bin/sh', ['-c', launchScript(directories.length), 'sh', ...order.argv], {
      cwd: '/',
      env: order.env,
      stdio,
      // A plain process leads a group of its own, so that its children can be ended with it.
      detached: !order.sandboxed,
      ...(order.uid === undefined ? {} : { uid: order.uid, gid: order.uid }),
    });
    if (order.sandboxed) void letGoOn(child, LINE_FD);
    return child;
  } finally {
    for (const fd of opened) closeSync(fd);
    for (const fifo of [order.stdout, order.stderr]) rmSync(fifo, { force: true });
  }
}

/** Removes groups as soon as the last process has left them; more than one go may be needed. */
async function removeGroups(plan: CgroupPlan): Promise<void> {
  let left = plan.directories.map(({ path }) => path);
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 100)) {
    left = left.filter((path) => !removeCgroup(path));
    if (left.length === 0) return;
    for (const path of left) killCgroup(path);
    await systemClock.sleep(waitMs);
  }
}

/** With cgroups they are in the sandbox's group. */
function endStranded(argv: readonly string[]): void {
  const living = [...sandboxes.values()].filter(({ ended }) => !ended).map(({ child }) => child.pid ?? 0);
  for (const pid of strandedProcesses(argv, new Set([process.pid, ...living]))) signal(pid);
}

async function bury(name: string, started: Started, exit: { code: number | null; signal: string | null }) {
  started.ended = true;
  const plan = started.order.cgroups;
  const counter = plan?.oomCounter;
  reply({
    event: 'exit',
    name,
    ...exit,
    oomKills: counter === undefined ? 0 : oomKills(counter),
  });
  started.helper?.kill('SIGKILL');
  rmSync(started.order.socket, { force: true });
  if (plan !== undefined) await removeGroups(plan);
  else if (started.order.sandboxed && exit.signal !== null) endStranded(started.order.argv);
  sandboxes.delete(name);
  reply({ event: 'gone', name });
  if (ending && sandboxes.size === 0) process.exit(0);
}

async function start(order: StartOrder): Promise<number> {
  const server = await listenUnder(order.socket);
  try {
    if (ending) throw new Error('the platform is stopping');
    if (order.cgroups !== undefined) makeCgroups(order.cgroups);
    const child = launch(order, server);
    const started: Started = { child, order, ended: false };
    sandboxes.set(order.name, started);
    let over = false;
    const onEnd = (code: number | null, signal: string | null) => {
      if (over) return;
      over = true;
      void bury(order.name, started, { code, signal });
    };
    child.once('exit', onEnd);
    child.once('error', () => onEnd(127, null));
    return child.pid ?? 0;
  } catch (error) {
    rmSync(order.socket, { force: true });
    if (order.cgroups !== undefined && !sandboxes.has(order.name)) await removeGroups(order.cgroups);
    throw error;
  } finally {
    server.close();
  }
}

function kill(name: string): void {
  const started = sandboxes.get(name);
  if (started === undefined || started.ended) return;
  const { cgroups, sandboxed } = started.order;
  const { pid } = started.child;
  const inner = sandboxed && pid !== undefined ? innerProcess(pid) : undefined;
  if (inner !== undefined) {
    // With its process 1 the kernel ends the whole pid namespace; its watcher ends when that is over, not before.
    signal(inner);
    if (cgroups?.freezer !== undefined) writeIfPresent(cgroups.freezer.file, cgroups.freezer.thaw);
    return;
  }
  for (const { path } of cgroups?.directories ?? []) killCgroup(path);
  if (pid !== undefined) signal(sandboxed ? pid : -pid);
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

async function network(order: NetworkOrder): Promise<void> {
  const started = sandboxes.get(order.name);
  if (started?.child.pid === undefined) throw new Error('the sandbox has ended');
  const { uid, cgroups } = started.order;
  const helper = await attachNetwork({
    monitorPid: started.child.pid,
    rules: order.rules,
    tools: order.tools,
    ...(uid === undefined ? {} : { uid }),
    ...(cgroups === undefined ? {} : { cgroups }),
  });
  started.helper = helper;
  if (started.ended) helper.kill('SIGKILL');
}

/** FIFOs that the platform opens for reading, and `launch` for writing; nobody but their owner may read them. */
function makeFifos(names: readonly string[]): Promise<void> {
  const child = spawn('mkfifo', ['-m', '622', ...names], { stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`mkfifo ended with code ${code}`)),
    );
  });
}

function answer(id: number, work: Promise<number | void>): void {
  work.then(
    (pid) => reply(typeof pid === 'number' ? { id, ok: true, pid } : { id, ok: true }),
    (error: unknown) =>
      reply({ id, ok: false, error: error instanceof Error ? error.message : String(error) }),
  );
}

function obey(order: SpawnerOrder): void {
  switch (order.do) {
    case 'start':
      return answer(order.id, start(order));
    case 'network':
      return answer(order.id, network(order));
    case 'fifos':
      return answer(order.id, makeFifos(order.names));
    case 'kill':
      return kill(order.name);
  }
}

/**
 * Closes what the platform's own parents left open in it (a shell's pipe, a service manager's socket): it would reach
 * every sandbox. Node opens all of its own descriptors with close-on-exec, so those without are inherited.
 */
function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2) continue;
    try {
      const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
      if (flags !== undefined && (parseInt(flags, 8) & 0o2_000_000) === 0) closeSync(fd);
    } catch {
      // The listing's own descriptor, closed by now.
    }
  }
}

function end(): void {
  if (ending) return;
  ending = true;
  for (const name of sandboxes.keys()) kill(name);
  if (sandboxes.size === 0) process.exit(0);
}

closeInherited();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
process.chdir(process.argv[2] ?? '.');
process.stdout.on('error', end);
process.stdin.setEncoding('utf8');
process.stdin.on(
  'data',
  lineReader((line) => obey(JSON.parse(line) as SpawnerOrder)),
);
process.stdin.on('end', end);
process.stdin.on('error', end);
