import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { FileFrameworkState } from '@vibrissa/mesos';
import { MesosSimulator, type SimulatorOptions } from '@vibrissa/mesos-simulator';
import { TOKEN_HEADER } from '@vibrissa/protocol';

import { systemClock, type Clock } from '../../src/base/clock.ts';
import { randomIds } from '../../src/base/ids.ts';
import { silentLogger, type Logger } from '../../src/base/logger.ts';
import { noMetrics } from '../../src/base/metrics.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Container } from '../../src/containers/container.ts';
import type { ContainerSpec } from '../../src/containers/container-factory.ts';
import type { MesosConfig } from '../../src/containers/mesos/mesos-config.ts';
import { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { parseConstraints } from '../../src/containers/mesos/parse-constraint.ts';
import { writeAgentDirectory } from '../../src/containers/sandbox/on-agent/agent-archive.ts';

const runtime = fileURLToPath(new URL('../../../../runtimes/nodejs/runtime.js', import.meta.url));

/** Whichever Node runs the tests. */
export const KIND = 'nodejs:20';

/** Starts the Node runtime as it is, without a sandbox: what is on trial is the factory. */
const plainLauncher = `
import { spawn } from 'node:child_process';
const child = spawn(process.execPath, [${JSON.stringify(runtime)}], { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill('SIGKILL'));
child.on('exit', (code, signal) => process.exit(signal === 'SIGKILL' ? 137 : (code ?? 1)));
`;

/** Takes Node's place where the launcher is a shell script: the flags are Node's. */
const shellForNode = '#!/bin/sh\nwhile [ "${1#--}" != "$1" ]; do shift; done\nexec sh "$@"\n';

export interface FixtureOptions {
  readonly simulator?: SimulatorOptions;
  /** Of group `mesos`, by path: `{ 'mesos.role': 'web' }`. */
  readonly settings?: { readonly [path: string]: string };
  /** Instead of the Node runtime without a sandbox. */
  readonly launcher?: string;
  /** Of the factories. */
  readonly logger?: Logger;
  /** The same. */
  readonly clock?: Clock;
  /** A launcher as a line for the shell. */
  readonly shell?: string;
  /** The platform's own launcher: runtimes are in sandboxes (needs `npm run build`, and bubblewrap). */
  readonly confined?: boolean;
}

function configOf(settings: { readonly [path: string]: string }): MesosConfig {
  const { config } = loadConfig({
    env: {},
    flags: [],
    sets: Object.entries(settings).map(([path, value]) => `${path}=${value}`),
    machine: { memoryMb: 4096, homeDirectory: '/nonexistent' },
  });
  const { blackboxConstraints, constraintDelimiter, constraints } = config.mesos;
  return {
    invoker: 0,
    settings: config.mesos,
    constraints: parseConstraints(constraints, constraintDelimiter).constraints,
    blackboxConstraints: parseConstraints(blackboxConstraints, constraintDelimiter).constraints,
    sandbox: { tmpMb: 64, actionDirMb: 64, sharedMemoryMb: 16 },
    manifest: {
      runtimes: { nodejs: [{ kind: KIND, image: { prefix: 'vibrissa', name: 'action-nodejs-v20' } }] },
    },
    commandKinds: new Set([KIND]),
  };
}

/** A simulated cluster and a data directory, on which factories are opened one after the other, as lives of a platform. */
export async function openCluster(options: FixtureOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'vbm-'));
  const launcherDirectory = join(directory, 'launcher');
  await mkdir(launcherDirectory);
  const launcher = options.shell ?? options.launcher ?? plainLauncher;
  if (options.confined) writeAgentDirectory(launcherDirectory);
  else await writeFile(join(launcherDirectory, 'launch.mjs'), launcher);
  const node = options.shell === undefined ? process.execPath : join(directory, 'shell');
  await writeFile(join(directory, 'shell'), shellForNode, { mode: 0o755 });
  const simulator = await MesosSimulator.open({
    agents: 1,
    allocationIntervalMs: 20,
    ...options.simulator,
  });

  /** A factory that has not asked for a subscription. */
  async function openOffline(
    settings: { readonly [path: string]: string } = {},
    apiUrl = 'http://127.0.0.1:3233',
  ) {
    const config = configOf({
      'mesos.masterUrl': simulator.url,
      'mesos.command.runtimePath': launcherDirectory,
      'mesos.command.node': node,
      ...options.settings,
      ...settings,
    });
    return MesosContainerFactory.open({
      access: { masters: config.settings.masterUrl },
      apiUrl: Promise.resolve(apiUrl),
      expectedApiUrl: apiUrl,
      dataDir: directory,
      config,
      clock: options.clock ?? systemClock,
      ids: randomIds,
      logger: options.logger ?? silentLogger,
      metrics: noMetrics,
    });
  }

  async function openFactory(settings: { readonly [path: string]: string } = {}, apiUrl?: string) {
    const factory = await openOffline(settings, apiUrl);
    try {
      await factory.connection.scheduler.subscribe({ withinMs: 10_000 });
      return factory;
    } catch (error) {
      await factory.close();
      throw error;
    }
  }

  /** Loses what is known of the tasks, and keeps the framework's id: a disk from a backup. */
  async function forgetTasks(): Promise<void> {
    const state = await FileFrameworkState.open(join(directory, 'mesos', 'framework'));
    const { tasks } = await state.load();
    await state.write({ remove: tasks.map(({ id }) => id) });
    await state.close();
  }

  async function close(): Promise<void> {
    await simulator.stop();
    await rm(directory, { recursive: true, force: true });
  }

  return { simulator, directory, openFactory, openOffline, forgetTasks, close };
}

export type Cluster = Awaited<ReturnType<typeof openCluster>>;

let count = 0;

/** A container like the invoker asks for. */
export function aSpec(over: Partial<ContainerSpec> = {}): ContainerSpec {
  count += 1;
  return {
    name: `wsk0_${count}_guest_hello`,
    kind: KIND,
    memoryMb: 256,
    cpuShares: 16,
    env: {},
    ...over,
  };
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** A request to a container's runtime, with its token. */
export function post(container: Container, path: string, value: object): Promise<Reply> {
  const { address } = container;
  const body = JSON.stringify({ value });
  const token = 'token' in address && address.token !== undefined ? { [TOKEN_HEADER]: address.token } : {};
  const headers = { 'Content-Length': Buffer.byteLength(body), 'X-Vibrissa-Sentinel': 'mark', ...token };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...address, path, method: 'POST', headers, agent: false }, (reply) => {
      let text = '';
      reply.on('data', (piece) => (text += String(piece)));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export function init(container: Container, code: string): Promise<Reply> {
  return post(container, '/init', { name: 'trial', main: 'main', binary: false, code, env: {} });
}

/** What a container writes, as far as it was fetched. */
export function listen(container: Container): { readonly stdout: string; readonly stderr: string } {
  const texts = { stdout: '', stderr: '' };
  container.logs.listen((stream, bytes) => (texts[stream] += bytes.toString()));
  return texts;
}
