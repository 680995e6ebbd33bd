/** Opens real sandboxes for the attack tests, and runs hostile code in them through the real runtimes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { noMetrics } from '../../src/base/metrics.ts';
import type { Container } from '../../src/containers/container.ts';
import { discoverRuntimes } from '../../src/containers/sandbox/discover-runtimes.ts';
import type { MachineProbes } from '../../src/containers/sandbox/probe-machine.ts';
import { defaultSandboxConfig, type SandboxConfig } from '../../src/containers/sandbox/sandbox-config.ts';
import { SandboxContainerFactory } from '../../src/containers/sandbox/sandbox-container-factory.ts';

// What an attack computes takes long on a machine that has much else to do: the limit is for what never comes.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

export const runtimeDir = fileURLToPath(new URL('../../../../runtimes', import.meta.url));

export const discovered = await discoverRuntimes({
  runtimeDir,
  execPath: process.execPath,
  path: process.env['PATH'] ?? '',
  home: homedir(),
});

export const pythonKind =
  [...discovered.commands.keys()].find((kind) => kind.startsWith('python:')) ?? 'python:3';
export const nodeKind =
  [...discovered.commands.keys()].find((kind) => kind.startsWith('nodejs:')) ?? 'nodejs:20';

/** The actions run the source that they are given: one container serves many attacks. */
const runners = {
  python: `import traceback
def main(args):
    scope = {}
    exec(args['prelude'] + args['source'], scope)
    return {'outcome': scope['attack'](args)}
`,
  nodejs: `async function main(args) {
  const attack = new Function('args', 'require', 'return (async () => {' + args.source + '})()');
  return { outcome: await attack(args, require) };
}`,
} as const;

/** Raw system calls for Python: \`call(x64, arm64, …)\` gives \`OK\` or the name of the error. */
const prelude = `
import ctypes, errno, os, platform, resource, signal, socket, struct, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
X = platform.machine() == 'x86_64'
def word(a):
    return ctypes.c_long(a) if isinstance(a, int) else a
def call(x64, arm64, *a):
    ctypes.set_errno(0)
    r = libc.syscall(*[word(v) for v in ((x64 if X else arm64,) + a)])
    return 'OK' if r >= 0 else errno.errorcode.get(ctypes.get_errno(), str(ctypes.get_errno()))
def tried(f, *a):
    try:
        f(*a)
        return 'OK'
    except OSError as e:
        return errno.errorcode.get(e.errno, str(e.errno))
def connects(family, address):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(2)
    try:
        s.connect(address)
        return 'OK'
    except socket.timeout:
        return 'ETIMEDOUT'
    except OSError as e:
        return errno.errorcode.get(e.errno, str(e.errno))
    finally:
        s.close()
`;

interface Answer {
  readonly status: number;
  readonly body: string;
}

export function post(container: Container, path: string, body: object): Promise<Answer> {
  if (!('socketPath' in container.address)) throw new Error('a sandbox listens on a Unix socket');
  const { socketPath } = container.address;
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, path, method: 'POST', headers: { 'content-type': 'application/json' }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

export interface Target {
  readonly container: Container;
  /** Runs an attack and resolves with what it says it achieved. */
  attack(source: string, args?: object): Promise<unknown>;
  output(): string;
}

let counter = 0;

/** A sandbox whose action runs the attacks that it is sent. */
export async function openTarget(
  factory: SandboxContainerFactory,
  language: 'python' | 'nodejs' = 'python',
  memoryMb = 256,
): Promise<Target> {
  const container = await factory.create({
    name: `wsk0_${counter++}_guest_attack`,
    kind: language === 'python' ? pythonKind : nodeKind,
    memoryMb,
    cpuShares: 128,
    env: {},
  });
  let output = '';
  container.logs.listen((_stream, bytes) => (output = (output + bytes.toString('utf8')).slice(-20_000)));
  const init = await post(container, '/init', {
    value: { name: 'attack', main: 'main', binary: false, code: runners[language] },
  });
  if (init.status !== 200) throw new Error(`init: ${init.status} ${init.body}`);
  return {
    container,
    output: () => output,
    async attack(source, args = {}) {
      const { status, body } = await post(container, '/run', { value: { ...args, source, prelude } });
      if (status !== 200) throw new Error(`the attack itself failed: ${status} ${body} ${output}`);
      return (JSON.parse(body) as { outcome: unknown }).outcome;
    },
  };
}

export interface Sandboxes {
  readonly factory: SandboxContainerFactory;
  readonly dataDir: string;
  close(): Promise<void>;
}

export async function openSandboxes(
  given: {
    readonly config?: Partial<SandboxConfig>;
    readonly apiSocketPath?: string;
    readonly dataDir?: string;
    readonly probe?: () => Promise<MachineProbes>;
  } = {},
): Promise<Sandboxes> {
  const dataDir = given.dataDir ?? mkdtempSync(join(tmpdir(), 'vibrissa-attack-'));
  const factory = await SandboxContainerFactory.open({
    runtimeDir,
    dataDir,
    apiPort: 3233,
    ...(given.apiSocketPath === undefined ? {} : { apiSocketPath: given.apiSocketPath }),
    ...(given.probe === undefined ? {} : { probe: given.probe }),
    runtimes: discovered,
    clock: systemClock,
    logger: silentLogger,
    config: { ...defaultSandboxConfig, ...given.config },
    metrics: noMetrics,
  });
  return {
    factory,
    dataDir,
    async close() {
      await factory.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
