import { describe, expect, test } from 'vitest';

import { loadConfig } from '../../config/load.ts';
import type { ContainerSpec } from '../container-factory.ts';
import type { MesosConfig } from './mesos-config.ts';
import { digestOfTask, taskDigestOf } from './task-digest.ts';
import { taskKinds, type TaskKind } from './task-kind.ts';
import { taskIdOf, taskSpecOf } from './task-spec-of.ts';

function configOf(...sets: string[]): MesosConfig {
  const machine = { memoryMb: 4096, homeDirectory: '/root' };
  const { config } = loadConfig({ env: {}, flags: [], sets, machine });
  return {
    invoker: 0,
    settings: config.mesos,
    constraints: [{ attribute: 'rack', operator: 'LIKE', value: 'r1' }],
    blackboxConstraints: [{ attribute: 'rack', operator: 'LIKE', value: 'r2' }],
    sandbox: { tmpMb: 128, actionDirMb: 256, sharedMemoryMb: 16 },
    manifest: {
      runtimes: {
        nodejs: [
          { kind: 'nodejs:20', image: { prefix: 'openwhisk', name: 'action-nodejs-v20', tag: 'nightly' } },
        ],
      },
    },
    commandKinds: new Set(['nodejs:20', 'blackbox']),
  };
}

const container: ContainerSpec = {
  name: 'wsk0_12_guest_hello',
  kind: 'nodejs:20',
  memoryMb: 256,
  cpuShares: 128,
  env: { __OW_ALLOW_CONCURRENT: 'true' },
};

function specOf(config: MesosConfig, over: Partial<ContainerSpec> = {}, archivePath?: string) {
  const asked = { ...container, ...over };
  const kind = taskKinds(config)(asked);
  if (kind.type === 'none') throw new Error(kind.reason);
  const names = { id: 'whisk-0-12-guest-hello-x', kind, token: 'secret', apiUrl: 'http://10.0.0.1:3233' };
  return taskSpecOf(asked, archivePath === undefined ? names : { ...names, archivePath }, config);
}

describe('a command task', () => {
  test('runs the launcher from the agents, with what the runtime needs beside the memory of the action', () => {
    const spec = specOf(configOf('mesos.command.runtimePath=/opt/vibrissa/', 'mesos.user=nobody'));
    expect(spec).toMatchObject({
      command:
        'exec node --max-old-space-size=32 --max-semi-space-size=1 --v8-pool-size=1 /opt/vibrissa/launch.mjs',
      name: 'whisk0_12_guest_hello',
      role: '*',
      user: 'nobody',
      cpus: 0.125,
      memoryMb: 304,
      ports: [{ name: 'http' }],
      constraints: [{ attribute: 'rack', operator: 'LIKE', value: 'r1' }],
      labels: {
        framework: 'vibrissa',
        invoker: 'invoker0',
        name: 'wsk0_12_guest_hello',
        kind: 'nodejs:20',
        memoryMb: '256',
        cpuShares: '128',
      },
    });
    expect(spec.env).toEqual({
      __OW_ALLOW_CONCURRENT: 'true',
      __OW_API_HOST: 'http://10.0.0.1:3233',
      __OW_LOG_STAMPS: '1',
      __OW_TOKEN: 'secret',
      VIBRISSA_API: 'http://10.0.0.1:3233',
      VIBRISSA_KIND: 'nodejs:20',
      VIBRISSA_SANDBOX: '{"tmpMb":128,"actionDirMb":256,"sharedMemoryMb":16}',
    });
    expect(spec).not.toHaveProperty('fetch');
    expect(spec).not.toHaveProperty('healthCheck');
  });

  test('fetches the archive where the agents have no launcher, and unpacks it beside its output', () => {
    const path = '/vibrissa/agent-1f0c.tar.gz';
    const spec = specOf(configOf(), {}, path);
    expect(spec.command).toBe(
      'exec node --max-old-space-size=32 --max-semi-space-size=1 --v8-pool-size=1 ./launch.mjs',
    );
    expect(spec.fetch).toEqual([{ uri: `http://10.0.0.1:3233${path}`, extract: true, cache: true }]);
  });

  test('is told its id by Mesos, of each launch anew', () => {
    const told = specOf(configOf()).customize?.({
      name: 'x',
      task_id: { value: 'whisk.2' },
      agent_id: { value: 'a' },
      resources: [],
      command: { environment: { variables: [{ name: 'A', value: '1' }] } },
    });
    expect(told?.command?.environment?.variables).toEqual([
      { name: 'A', value: '1' },
      { name: 'MESOS_TASK_ID', value: 'whisk.2' },
    ]);
  });

  test('never asks for less of a processor than Mesos gives', () => {
    expect(specOf(configOf(), { cpuShares: 2 }).cpus).toBe(0.01);
  });

  test('runs native code without its image, and is checked where that is wanted', () => {
    const spec = specOf(configOf('mesos.healthCheck.enabled=true'), {
      kind: 'blackbox',
      image: 'openwhisk/dockerskeleton:nightly',
    });
    expect(spec.env?.['VIBRISSA_KIND']).toBe('blackbox');
    expect(spec.healthCheck).toMatchObject({ type: 'TCP', maxFailures: 3, gracePeriodMs: 25_000 });
  });
});

describe('an image task', () => {
  test("of a user has Docker's bridge, the operator's options, and the constraints of users' images", () => {
    const spec = specOf(configOf('mesos.images.userImagesRegistry=registry.local:5000'), {
      kind: 'blackbox',
      image: 'ada/runtime:1',
    });
    expect(spec.image).toEqual({
      name: 'registry.local:5000/ada/runtime:1',
      runtime: 'docker',
      network: 'bridge',
      forcePull: false,
      parameters: [
        { key: 'cap-drop', value: 'NET_RAW' },
        { key: 'cap-drop', value: 'NET_ADMIN' },
        { key: 'ulimit', value: 'nofile=1024:1024' },
        { key: 'pids-limit', value: '1024' },
      ],
    });
    expect(spec.memoryMb).toBe(256);
    expect(spec.ports).toEqual([{ name: 'http', containerPort: 8080 }]);
    expect(spec.constraints).toEqual([{ attribute: 'rack', operator: 'LIKE', value: 'r2' }]);
    expect(spec.env).not.toHaveProperty('__OW_LOG_STAMPS');
    expect(spec.labels?.['image']).toBe('ada/runtime:1');
  });

  test.each([
    ['docker', 'host', { network: 'host' }, undefined],
    ['docker', 'weave', { network: { name: 'weave' }, routable: false }, 8080],
    ['ucr', 'bridge', { network: 'host' }, undefined],
    ['ucr', 'host', { network: 'host' }, undefined],
    ['ucr', 'calico', { network: { name: 'calico' }, routable: false }, 8080],
  ])('under %s in network %s listens where it can be dialled', (task, network, image, containerPort) => {
    const spec = specOf(configOf(`mesos.task=${task}`, `mesos.network=${network}`));
    expect(spec.image).toMatchObject({
      ...image,
      runtime: task,
      name: 'openwhisk/action-nodejs-v20:nightly',
    });
    expect(spec.ports?.[0]?.containerPort).toBe(containerPort);
    if (task === 'ucr') expect(spec.image).not.toHaveProperty('parameters');
  });

  test('in a network whose addresses can be dialled takes no port of its agent', () => {
    const spec = specOf(configOf('mesos.task=ucr', 'mesos.network=calico', 'mesos.networkIsRoutable=true'));
    expect(spec.image).toMatchObject({ network: { name: 'calico' }, routable: true });
  });
});

describe('the kind of task', () => {
  const kindOf = (config: MesosConfig, kind: string, image?: string): TaskKind | { reason: string } =>
    taskKinds(config)({ kind, ...(image !== undefined && { image }) }) as TaskKind;

  test('comes from the settings, with the registry of the runtimes', () => {
    const config = configOf('mesos.task=docker', 'mesos.images.runtimesRegistry=registry.local/');
    expect(kindOf(config, 'nodejs:20')).toEqual({
      type: 'docker',
      image: 'registry.local/openwhisk/action-nodejs-v20:nightly',
      isUsers: false,
      isOurs: false,
    });
    const owned = configOf('mesos.task=docker', 'mesos.images.owned=openwhisk/action-');
    expect(kindOf(owned, 'nodejs:20')).toMatchObject({ isOurs: true });
  });

  test('is none for kinds without a runtime, and for images where users may bring none', () => {
    expect(kindOf(configOf(), 'cobol:85')).toMatchObject({
      reason: "The kind 'cobol:85' has no runtime on the agents (there are: nodejs:20, blackbox).",
    });
    expect(kindOf(configOf('mesos.task=ucr'), 'python:3.11')).toMatchObject({
      reason: "The kind 'python:3.11' has no runtime in the runtimes manifest (there are: nodejs:20).",
    });
    expect(kindOf(configOf('mesos.blackboxTask=none'), 'blackbox', 'a/b')).toMatchObject({ type: 'none' });
  });
});

test('the id of a task is readable, and unlike any before', () => {
  expect(taskIdOf({ name: 'wsk0_12_guest_hello' }, '0123456789abcdef')).toBe(
    'whisk-0-12-guest-hello-0123456789',
  );
  const long = taskIdOf({ name: `wsk0_12_guest_${'a'.repeat(300)}` }, '0123456789abcdef');
  expect(long.length).toBeLessThan(80);
});

test('a later life finds a task to be as it would make it today, whatever its id and token, and another one not', () => {
  const config = configOf('mesos.command.runtimePath=/opt/vibrissa');
  const kind = taskKinds(config)(container);
  if (kind.type === 'none') throw new Error(kind.reason);
  const wanted = taskDigestOf(container, { kind, apiUrl: 'http://10.0.0.1:3233' }, config);
  expect(digestOfTask(specOf(config))).toBe(wanted);
  expect(digestOfTask(specOf(config, { memoryMb: 512 }))).not.toBe(wanted);
  expect(digestOfTask(specOf(configOf('mesos.command.runtimePath=/opt/other')))).not.toBe(wanted);
});
