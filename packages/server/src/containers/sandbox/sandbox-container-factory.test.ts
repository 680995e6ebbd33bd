import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cgroupsOf, isAlive, processesOf } from '../../../test/attacks/host-evidence.ts';
import {
  type Sandboxes,
  nodeKind,
  openSandboxes,
  openTarget,
  post,
  pythonKind,
  runtimeDir,
} from '../../../test/attacks/sandbox-fixture.ts';
import type { Container } from '../container.ts';
import { ContainerStartError } from '../container-factory.ts';
import { probeMachine } from './probe-machine.ts';
import { openStateDirectory } from './state-directory.ts';

const spec = { name: 'wsk0_1_guest_hello', kind: nodeKind, memoryMb: 128, cpuShares: 64, env: {} };
const root = process.getuid?.() === 0;

let sandboxes: Sandboxes;
beforeAll(async () => (sandboxes = await openSandboxes()));
afterAll(() => sandboxes.close());

const socketOf = ({ address }: Container) => ('socketPath' in address ? address.socketPath : '');

function spawnersOf(platform: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) => {
      try {
        const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
        return (
          Number(after.split(' ')[1]) === platform &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('spawner.js')
        );
      } catch {
        return false;
      }
    });
}

describe('the spawner that the tests use', () => {
  it('was built from the present sources (if not: npm run build)', () => {
    const source = fileURLToPath(new URL('./spawner.ts', import.meta.url));
    const built = source.replace('/src/', '/dist/').replace(/ts$/, 'js');
    expect(statSync(built).mtimeMs).toBeGreaterThanOrEqual(statSync(source).mtimeMs);
  });
});

describe('a sandbox', () => {
  it('takes connections as soon as it is created, and leaves nothing when it is destroyed', async () => {
    const container = await sandboxes.factory.create(spec);
    const socket = createConnection(socketOf(container));
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.destroy();
    await expect.poll(() => processesOf(container.id).length).toBeGreaterThan(1);
    const pids = processesOf(container.id);
    await container.destroy();
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    expect(cgroupsOf(container.id)).toEqual([]);
    expect(existsSync(socketOf(container))).toBe(false);
    expect((await container.died).outOfMemory).toBe(false);
    await container.destroy();
  });

  it('keeps what it prints until somebody listens', async () => {
    const container = await sandboxes.factory.create({ ...spec, kind: pythonKind });
    await post(container, '/init', {
      value: { name: 'a', main: 'main', code: 'def main(a):\n  print("early")\n  return {}' },
    });
    await post(container, '/run', { value: {} });
    await container.destroy();
    await container.died;
    const heard: string[] = [];
    container.logs.listen((stream, bytes) => heard.push(`${stream}:${bytes.toString()}`));
    expect(heard.join('')).toContain('stdout:early');
  });

  it('does nothing while it is suspended, answers when it is resumed, and can be destroyed frozen', async () => {
    const { container, attack } = await openTarget(sandboxes.factory);
    await container.suspend?.();
    await container.suspend?.();
    let answered = false;
    const answer = attack('def attack(args):\n    return 7\n').then((value) => ((answered = true), value));
    // The kernel says so itself; a pause proves nothing.
    await expect
      .poll(() => cgroupsOf(container.id).some((group) => /frozen 1|FROZEN/.test(stateOf(group))))
      .toBe(true);
    expect(answered).toBe(false);
    await container.resume?.();
    expect(await answer).toBe(7);
    await container.suspend?.();
    const pids = processesOf(container.id);
    await container.destroy();
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    await container.resume?.();
  });

  it('tells an exit from a kill', async () => {
    const exited = await openTarget(sandboxes.factory);
    await exited.attack('def attack(args):\n    os._exit(3)\n').catch(() => {});
    expect(await exited.container.died).toEqual({ outOfMemory: false, exitCode: 3 });
    await exited.container.destroy();
  });

  it('has an environment built from nothing but what it is given', async () => {
    const container = await sandboxes.factory.create({
      ...spec,
      kind: pythonKind,
      env: { LD_PRELOAD: '/no/such.so', MY: 'own' },
    });
    await post(container, '/init', {
      value: { name: 'a', main: 'main', code: 'import os\ndef main(a):\n  return dict(os.environ)' },
    });
    const { body } = await post(container, '/run', { value: {} });
    const names = Object.keys(JSON.parse(body) as object);
    expect(names).toContain('MY');
    expect(
      names.filter((name) => name in process.env && !['HOME', 'PATH', 'LANG', 'PWD'].includes(name)),
    ).toEqual([]);
    await container.destroy();
  });

  it('is made by the hundred without running out of pipes, names or users', async () => {
    const ids = new Set<string>();
    for (let round = 0; round < 5; round++) {
      const made = await Promise.all(
        Array.from({ length: 20 }, () => sandboxes.factory.create({ ...spec, kind: pythonKind })),
      );
      for (const { id } of made) ids.add(id);
      await Promise.all(made.map((container) => container.destroy()));
    }
    expect(ids.size).toBe(100);
    expect(
      readdirSync(join(socketOf(await anySandbox()), '..')).filter((name) => name.endsWith('.sock')),
    ).toHaveLength(1);
  });

  it('that is no longer wanted when it comes up leaves nothing behind', async () => {
    const controller = new AbortController();
    const made = sandboxes.factory.create(spec, controller.signal);
    controller.abort(new Error('changed my mind'));
    await expect(made).rejects.toThrow('changed my mind');
  });

  it('is refused for kinds and images that it cannot run, with a sentence for the user', async () => {
    expect(sandboxes.factory.supports('cobol:85', undefined)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('cobol:85'),
    });
    expect(sandboxes.factory.supports('blackbox', 'someone/image')).toMatchObject({
      ok: false,
      reason: expect.stringContaining("'mesos'"),
    });
    expect(sandboxes.factory.supports('blackbox', 'openwhisk/dockerskeleton')).toEqual({ ok: true });
    await expect(sandboxes.factory.create({ ...spec, kind: 'cobol:85' })).rejects.toMatchObject({
      fault: 'developer',
    });
  });
});

let any: Container | undefined;
async function anySandbox(): Promise<Container> {
  any = await sandboxes.factory.create(spec);
  return any;
}
afterEach(async () => {
  await any?.destroy();
  any = undefined;
});

function stateOf(group: string): string {
  return ['cgroup.events', 'freezer.state']
    .map((name) => (existsSync(join(group, name)) ? readFileSync(join(group, name), 'utf8') : ''))
    .join();
}

describe('the spawner', () => {
  it('leads a session of its own and ignores what a terminal sends to its group', async () => {
    const [spawner = 0] = spawnersOf(process.pid);
    const fields = (readFileSync(`/proc/${spawner}/stat`, 'utf8').split(') ')[1] ?? '').split(' ');
    expect(Number(fields[3])).toBe(spawner);
    process.kill(spawner, 'SIGINT');
    process.kill(spawner, 'SIGTERM');
    const container = await sandboxes.factory.create(spec);
    expect(isAlive(spawner)).toBe(true);
    await container.destroy();
  });

  it('takes its sandboxes with it when it is killed, and another one takes its place', async () => {
    const own = await openSandboxes();
    const before = new Set(spawnersOf(process.pid));
    const container = await own.factory.create(spec);
    await expect.poll(() => processesOf(container.id).length).toBeGreaterThan(1);
    const pids = processesOf(container.id);
    const mine = [...before].filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(socketOf(container), '..')),
    );
    expect(mine).toHaveLength(1);
    for (const pid of mine) process.kill(pid, 'SIGKILL');
    expect(await container.died).toMatchObject({ outOfMemory: false, signal: 'SIGKILL' });
    await container.destroy();
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    expect(cgroupsOf(container.id)).toEqual([]);
    const next = await openTarget(own.factory);
    expect(await next.attack('def attack(args):\n    return 1\n')).toBe(1);
    await own.close();
  });
});

/** A platform in a process of its own, from the built sources: it prints one line when its sandboxes run. */
function startPlatform(dataDir: string, options: { uid?: number; plain?: boolean } = {}): ChildProcess {
  const built = (name: string) => new URL(`../../../dist/${name}`, import.meta.url).href;
  const program = `
import { SandboxContainerFactory } from '${built('containers/sandbox/sandbox-container-factory.js')}';
import { discoverRuntimes } from '${built('containers/sandbox/discover-runtimes.js')}';
import { defaultSandboxConfig } from '${built('containers/sandbox/sandbox-config.js')}';
import { systemClock } from '${built('base/clock.js')}';
import { noMetrics } from '${built('base/metrics.js')}';
import { silentLogger } from '${built('base/logger.js')}';
import http from 'node:http';
const runtimes = await discoverRuntimes({ runtimeDir: '${runtimeDir}', execPath: process.execPath, path: '', home: '${homedir()}' });
const factory = await SandboxContainerFactory.open({ runtimeDir: '${runtimeDir}', dataDir: '${dataDir}', apiPort: 3233, runtimes, clock: systemClock, logger: silentLogger, config: { ...defaultSandboxConfig, plain: ${options.plain === true} }, metrics: noMetrics });
const post = (c, path, value) => new Promise((resolve, reject) => http.request({ socketPath: c.address.socketPath, path, method: 'POST' }, (r) => { let t = ''; r.on('data', (d) => t += d).on('end', () => resolve(t)) }).on('error', reject).end(JSON.stringify({ value })));
const code = 'import ctypes, os\\ndef main(a):\\n  ctypes.CDLL(None).prctl(1, 0)\\n  return {"uid": os.getuid(), "net": open("/proc/net/dev").read().count(":"), "home": os.path.exists("/etc/shadow")}';
const made = await Promise.all([1, 2, 3].map(() => factory.create({ name: 'wsk0_left', kind: '${pythonKind}', memoryMb: 128, cpuShares: 64, env: {} })));
const answers = await Promise.all(made.map(async (c) => { await post(c, '/init', { name: 'a', main: 'main', code }); return JSON.parse(await post(c, '/run', {})); }));
console.log(JSON.stringify({ ids: made.map((c) => c.id), answers, report: factory.report, sockets: made.map((c) => c.address.socketPath) }));
process.stdin.on('end', async () => { await factory.close(); console.log(JSON.stringify({ closed: true })); process.exit(0); }).resume();
`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {},
    cwd: '/',
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
}

interface Running {
  readonly ids: string[];
  readonly answers: unknown[];
  readonly report: { readonly isolation: string };
  readonly sockets: string[];
}

async function firstLine(child: ChildProcess): Promise<Running> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return JSON.parse(text) as Running;
}

/** Processes that have the root directory of this data directory's sandboxes. */
function processesIn(dataDir: string): number[] {
  const { root: rootDir } = openStateDirectory(dataDir);
  const ours = statSync(rootDir);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const its = statSync(`/proc/${pid}/root/`);
        return its.ino === ours.ino && its.dev === ours.dev;
      } catch {
        return false;
      }
    });
}

describe('after a kill -9', () => {
  it('of the platform alone, its spawner ends every sandbox and then itself', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'vibrissa-killed-'));
    const platform = startPlatform(dataDir);
    const { ids } = await firstLine(platform);
    const [spawner = 0] = spawnersOf(platform.pid ?? 0);
    const pids = ids.flatMap(processesOf);
    expect(pids.length).toBeGreaterThanOrEqual(ids.length);
    platform.kill('SIGKILL');
    await expect.poll(() => [spawner, ...pids].filter(isAlive), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => ids.flatMap(cgroupsOf)).toEqual([]);
    const next = await openSandboxes({ dataDir });
    await next.factory.removeLeftovers();
    await next.close();
  });

  it("of platform and spawner, the next start removes all that was left, and nothing of another platform's", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'vibrissa-killed-'));
    const neighbour = await sandboxes.factory.create(spec);
    const platform = startPlatform(dataDir);
    const { ids, sockets } = await firstLine(platform);
    const [spawner = 0] = spawnersOf(platform.pid ?? 0);
    platform.kill('SIGKILL');
    process.kill(spawner, 'SIGKILL');
    await expect.poll(() => isAlive(spawner)).toBe(false);
    // These shook off the signal that should have ended them with their spawner.
    expect(processesIn(dataDir).length).toBeGreaterThanOrEqual(ids.length);

    const next = await openSandboxes({ dataDir });
    expect(await next.factory.removeLeftovers()).toBeGreaterThanOrEqual(ids.length);
    await expect.poll(() => processesIn(dataDir)).toEqual([]);
    expect(ids.flatMap(cgroupsOf)).toEqual([]);
    expect(sockets.filter((path) => existsSync(path))).toEqual([]);
    expect(await next.factory.removeLeftovers()).toBe(0);

    const target = await openTarget(next.factory);
    expect(await target.attack('def attack(args):\n    return 1\n')).toBe(1);
    expect(await next.factory.removeLeftovers()).toBe(0);
    expect(await target.attack('def attack(args):\n    return 2\n')).toBe(2);
    expect(processesOf(neighbour.id).length).toBeGreaterThan(0);
    await neighbour.destroy();
    await next.close();
  });
});

describe.skipIf(!root)('as a user without rights (tried by root, who can become one)', () => {
  it('still isolates by namespaces, says which limits are missing, and closes cleanly', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'vibrissa-user-'));
    execFileSync('chown', ['65533:65533', dataDir]);
    const platform = startPlatform(dataDir, { uid: 65_533 });
    const { answers, report, sockets } = await firstLine(platform);
    expect(report.isolation).toBe('partial');
    for (const answer of answers) expect(answer).toMatchObject({ uid: 65_534, net: 1, home: false });
    expect(statSync(join(sockets[0] ?? '', '..')).mode & 0o777).toBe(0o700);
    const ended = new Promise((resolve) => platform.once('exit', resolve));
    platform.stdin?.end();
    expect(await ended).toBe(0);
    expect(sockets.filter((path) => existsSync(path))).toEqual([]);
    rmSync(dataDir, { recursive: true, force: true });
  });

  function strayProcess(word: string): number | undefined {
    const user = { uid: 65_533, gid: 65_533, detached: true, stdio: 'ignore' } as const;
    return spawn('sh', ['-c', 'sleep 1000; :', word], user).pid;
  }

  /** In the namespaces of a sandbox, all but that of its processes. */
  function strayInSandbox(pid: string): number | undefined {
    const enter = ['-t', pid, '-U', '-m', '-r', '-S', '65534', '-G', '65534'];
    return spawn('nsenter', [...enter, 'sleep', '1000'], { stdio: 'ignore' }).pid;
  }

  /** What the next life does, as the same user. */
  function cleanAsUser(dataDir: string): number {
    const built = (name: string) => new URL(`../../../dist/${name}`, import.meta.url).href;
    const cleaner = `
import { removeLeftovers } from '${built('containers/sandbox/remove-leftovers.js')}';
import { systemClock } from '${built('base/clock.js')}';
console.log(await removeLeftovers({ cgroupBases: [], sockets: '${dataDir}/run/s', root: '${dataDir}/run/root', hasLiving: false, isAlive: () => false }, systemClock));`;
    const removed = execFileSync(process.execPath, ['--input-type=module', '-e', cleaner], {
      uid: 65_533,
      gid: 65_533,
      env: {},
      cwd: '/',
      encoding: 'utf8',
    });
    return Number(removed);
  }

  it.each([
    ['sandboxes', false],
    ['plain processes', true],
  ])('finds and ends %s that were left, even without cgroups', async (_, plain) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'vibrissa-user-'));
    execFileSync('chown', ['65533:65533', dataDir]);
    const platform = startPlatform(dataDir, { uid: 65_533, plain });
    const { ids, sockets } = await firstLine(platform);
    const rootDir = statSync(join(sockets[0] ?? '', '../../root'));
    const [spawner = 0] = spawnersOf(platform.pid ?? 0);
    const left = () =>
      readdirSync('/proc').filter((pid) => {
        try {
          if (plain) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${dataDir}/run/root/`);
          const { dev, ino } = statSync(`/proc/${pid}/root/`);
          return dev === rootDir.dev && ino === rootDir.ino;
        } catch {
          return false;
        }
      });
    expect(left().length).toBeGreaterThanOrEqual(ids.length);
    // Sandboxes end with their spawner, sooner or later; this one has shaken that off.
    const stray = String(plain ? strayProcess(`${dataDir}/run/root/stray`) : strayInSandbox(left()[0] ?? ''));
    await expect.poll(left).toContain(stray);
    platform.kill('SIGKILL');
    process.kill(spawner, 'SIGKILL');
    await expect.poll(() => isAlive(spawner)).toBe(false);
    expect(left()).toContain(stray);
    expect(cleanAsUser(dataDir)).toBeGreaterThanOrEqual(ids.length);
    await expect.poll(left).toEqual([]);
    rmSync(dataDir, { recursive: true, force: true });
  });
});

describe('where something is missing', () => {
  it('runs plain processes without bubblewrap, under users of their own as root, and reports no isolation', async () => {
    const { bwrap: _, ...machine } = await probeMachine();
    const plain = await openSandboxes({ probe: () => Promise.resolve(machine) });
    expect(plain.factory.report.isolation).toBe('none');
    const target = await openTarget(plain.factory);
    expect(await target.attack('def attack(args):\n    return 41 + 1\n')).toBe(42);
    const pids = processesOf(target.container.id);
    expect(pids.length).toBeGreaterThan(0);
    expect(readlinkSync(`/proc/${pids[0]}/ns/net`)).toBe(readlinkSync('/proc/self/ns/net'));
    const uid = await target.attack('def attack(args):\n    return os.getuid()\n');
    expect(uid).not.toBe(0);
    await target.container.destroy();
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    await plain.close();
  });

  it('tells the user which program the platform lacks for internet access', async () => {
    const { slirp4netns: _, ...machine } = await probeMachine();
    const offline = await openSandboxes({ probe: () => Promise.resolve(machine) });
    const container = await offline.factory.create(spec);
    await container.specialise?.({ internet: false });
    const refusal = container.specialise?.({ internet: true });
    await expect(refusal).rejects.toBeInstanceOf(ContainerStartError);
    await expect(refusal).rejects.toMatchObject({
      fault: 'developer',
      message: expect.stringContaining('apt-get install slirp4netns'),
    });
    await offline.close();
  });

  it('gives no internet where the operator switched it off', async () => {
    const off = await openSandboxes({ config: { internet: false } });
    const container = await off.factory.create(spec);
    await expect(container.specialise?.({ internet: true })).rejects.toThrow('switched off');
    await off.close();
  });

  it('closes with everything that still runs', async () => {
    const own = await openSandboxes();
    const containers = await Promise.all([1, 2, 3].map(() => own.factory.create(spec)));
    await expect.poll(() => containers.flatMap(({ id }) => processesOf(id)).length).toBeGreaterThan(3);
    const pids = containers.flatMap(({ id }) => processesOf(id));
    await own.close();
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    await expect(own.factory.create(spec)).rejects.toMatchObject({ fault: 'platform' });
  });
});
