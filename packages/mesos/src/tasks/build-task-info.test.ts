import { describe, expect, test } from 'vitest';
import type { WireResource, WireTaskInfo } from '../wire/index.ts';
import { buildTaskGroup } from './build-task-group.ts';
import { buildTaskInfo, TaskNotBuilt } from './build-task-info.ts';
import { compileGroup } from './compile-group.ts';
import { compileTask } from './compile-task.ts';
import type { TaskSpec } from './task-spec.ts';

const defaults = { roles: ['*'] };
const resources: readonly WireResource[] = [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }];

function build(spec: Partial<TaskSpec>, hostPorts: readonly number[] = [31_005, 31_006]) {
  const compilation = compileTask({ id: 't', cpus: 0.1, memoryMb: 32, ...spec }, defaults);
  if (compilation.kind === 'invalid') throw new Error(compilation.reason);
  const placement = { agentId: 'S1', hostname: 'agent1', hostPorts };
  return buildTaskInfo(compilation.task, { mesosTaskId: 't.2', placement, resources });
}

describe('a command task', () => {
  test('is a line for the shell', () => {
    expect(build({ command: 'sleep 1' })).toEqual({
      name: 't',
      task_id: { value: 't.2' },
      agent_id: { value: 'S1' },
      resources,
      command: { shell: true, value: 'sleep 1' },
    });
  });

  test('is a program, whose own name comes before its arguments', () => {
    const command = { program: '/bin/echo', arguments: ['a', 'b'] };
    expect(build({ command }).command).toEqual({
      shell: false,
      value: '/bin/echo',
      arguments: ['/bin/echo', 'a', 'b'],
    });
  });

  test('has its user, files, labels, name, grace and longest run', () => {
    const info = build({
      command: 'true',
      name: 'nice',
      user: 'nobody',
      fetch: [
        { uri: 'http://x/a.tgz', extract: false, executable: true, cache: true, outputFile: 'b' },
        { uri: '/c' },
      ],
      labels: { a: '1', b: '' },
      killGraceMs: 1_500,
      maxRunMs: 60_000,
    });
    expect(info).toMatchObject({
      name: 'nice',
      labels: {
        labels: [
          { key: 'a', value: '1' },
          { key: 'b', value: '' },
        ],
      },
      kill_policy: { grace_period: { nanoseconds: 1_500_000_000 } },
      max_completion_time: { nanoseconds: 60_000_000_000 },
    });
    expect(info.command).toEqual({
      shell: true,
      value: 'true',
      user: 'nobody',
      uris: [
        { value: 'http://x/a.tgz', extract: false, executable: true, cache: true, output_file: 'b' },
        { value: '/c' },
      ],
    });
  });

  test('finds its ports in the environment, and others find them in the discovery', () => {
    const info = build({
      command: 'true',
      ports: [{ name: 'http' }, { name: 'admin-ui', protocol: 'udp' }],
      env: { A: 'b', PORT1: 'mine' },
    });
    expect(info.command?.environment?.variables).toEqual([
      { name: 'PORT', value: '31005' },
      { name: 'PORT0', value: '31005' },
      { name: 'PORT_HTTP', value: '31005' },
      { name: 'PORT1', value: 'mine' },
      { name: 'PORT_ADMIN_UI', value: '31006' },
      { name: 'A', value: 'b' },
    ]);
    expect(info.discovery).toEqual({
      visibility: 'FRAMEWORK',
      name: 't',
      ports: {
        ports: [
          { number: 31_005, name: 'http', protocol: 'tcp' },
          { number: 31_006, name: 'admin-ui', protocol: 'udp' },
        ],
      },
    });
  });

  test('needs a container for volumes only', () => {
    expect(build({ command: 'true' }).container).toBeUndefined();
    const volumes = [{ hostPath: '/data', containerPath: 'data', readOnly: true }];
    expect(build({ command: 'true', volumes }).container).toEqual({
      type: 'MESOS',
      volumes: [{ mode: 'RO', container_path: 'data', host_path: '/data' }],
    });
  });
});

describe('a Docker task', () => {
  test('runs its own entry point in the bridge, with a port of the agent for each of its own', () => {
    const info = build({
      image: { name: 'nginx', arguments: ['-g', 'x'], forcePull: true, privileged: false },
      ports: [{ containerPort: 80 }, {}],
    });
    expect(info.command).toMatchObject({ shell: false, arguments: ['-g', 'x'] });
    expect(info.command).not.toHaveProperty('value');
    expect(info.container).toEqual({
      type: 'DOCKER',
      docker: {
        image: 'nginx',
        network: 'BRIDGE',
        port_mappings: [
          { host_port: 31_005, container_port: 80, protocol: 'tcp' },
          { host_port: 31_006, container_port: 31_006, protocol: 'tcp' },
        ],
        force_pull_image: true,
        privileged: false,
      },
    });
    const ports = info.command?.environment?.variables.filter(({ name }) => /^PORT\d$/.test(name));
    expect(ports?.map(({ value }) => value)).toEqual(['80', '31006']);
    expect(info.discovery?.ports?.ports.map(({ number }) => number)).toEqual([31_005, 31_006]);
  });

  test('maps nothing on the network of its agent', () => {
    const info = build({ image: { name: 'i', network: 'host' }, ports: [{}] });
    expect(info.container).toEqual({ type: 'DOCKER', docker: { image: 'i', network: 'HOST' } });
  });

  test('names exactly one user network', () => {
    const image = { name: 'i', network: { name: 'net1' } };
    expect(build({ image, ports: [{ containerPort: 80 }] }).container).toEqual({
      type: 'DOCKER',
      docker: {
        image: 'i',
        network: 'USER',
        port_mappings: [{ host_port: 31_005, container_port: 80, protocol: 'tcp' }],
      },
      network_infos: [{ name: 'net1' }],
    });
    const routable = build({ image: { ...image, routable: true }, ports: [{ containerPort: 80 }] }, []);
    expect(routable.container).toEqual({
      type: 'DOCKER',
      docker: { image: 'i', network: 'USER' },
      network_infos: [{ name: 'net1' }],
    });
    expect(routable.discovery?.ports?.ports[0]?.number).toBe(80);
  });

  test('gets a command without its program’s name among the arguments, as Docker wants it', () => {
    const command = { program: 'echo', arguments: ['a', 'b'] };
    expect(build({ image: 'busybox', command }).command).toEqual({
      shell: false,
      value: 'echo',
      arguments: ['a', 'b'],
    });
  });

  test('takes parameters and volumes', () => {
    const image = { name: 'i', parameters: [{ key: 'label', value: 'k=v' }] };
    const info = build({ image, volumes: [{ hostPath: 'data', containerPath: '/data' }] });
    expect(info.container).toMatchObject({
      docker: { parameters: [{ key: 'label', value: 'k=v' }] },
      volumes: [{ mode: 'RW', container_path: '/data', host_path: 'data' }],
    });
  });
});

describe('a task of the Mesos containerizer', () => {
  test('shares the network of its agent', () => {
    const info = build({ image: { name: 'i', runtime: 'ucr' }, ports: [{}] });
    expect(info.container).toEqual({
      type: 'MESOS',
      mesos: { image: { type: 'DOCKER', docker: { name: 'i' }, cached: true } },
    });
    expect(info.command?.environment?.variables).toContainEqual({ name: 'PORT0', value: '31005' });
  });

  test('has its ports mapped into a CNI network', () => {
    const image = { name: 'i', runtime: 'ucr', network: { name: 'cni' }, forcePull: true } as const;
    expect(build({ image, ports: [{ containerPort: 80 }] }).container).toEqual({
      type: 'MESOS',
      mesos: { image: { type: 'DOCKER', docker: { name: 'i' }, cached: false } },
      network_infos: [
        { name: 'cni', port_mappings: [{ host_port: 31_005, container_port: 80, protocol: 'tcp' }] },
      ],
    });
  });

  test('names its program among the arguments, as exec wants it', () => {
    const command = { program: 'echo', arguments: ['a'] };
    expect(build({ image: { name: 'i', runtime: 'ucr' }, command }).command?.arguments).toEqual([
      'echo',
      'a',
    ]);
  });
});

describe('health checks', () => {
  test('look at the container’s port, not at the agent’s', () => {
    const healthCheck = { type: 'HTTP', portIndex: 1, path: '/up', scheme: 'https', delayMs: 500 } as const;
    const ports = [{ containerPort: 80 }, { containerPort: 81 }];
    expect(build({ image: 'i', ports, healthCheck }).health_check).toEqual({
      type: 'HTTP',
      http: { port: 81, path: '/up', scheme: 'https' },
      delay_seconds: 0.5,
    });
    expect(build({ command: 'x', ports: [{}], healthCheck: { type: 'TCP' } }).health_check).toEqual({
      type: 'TCP',
      tcp: { port: 31_005 },
    });
  });

  test('run commands and keep times', () => {
    const times = { intervalMs: 1_000, timeoutMs: 2_500, maxFailures: 5, gracePeriodMs: 100 };
    const healthCheck = { type: 'COMMAND', command: 'test -e ok', ...times } as const;
    expect(build({ command: 'x', healthCheck }).health_check).toEqual({
      type: 'COMMAND',
      command: { shell: true, value: 'test -e ok' },
      interval_seconds: 1,
      timeout_seconds: 2.5,
      consecutive_failures: 5,
      grace_period_seconds: 0.1,
    });
  });
});

describe('customize', () => {
  test('has the last word, save on id, agent and resources, which it must leave', () => {
    const customized = (change: object) =>
      build({ command: 'true', customize: (task) => ({ ...task, ...change }) });
    const info = customized({ name: 'mine', data: 'eA==' });
    expect(info).toMatchObject({ name: 'mine', data: 'eA==', task_id: { value: 't.2' } });
    expect(info.resources).toEqual(resources);
    expect(() => customized({ task_id: { value: 'other' } })).toThrow(/changed task_id/);
    expect(() => customized({ agent_id: { value: 'other' } })).toThrow(/changed agent_id/);
    expect(() => customized({ resources: [] })).toThrow(/changed resources/);
  });

  test('may change what it is given in place, which harms nobody else', () => {
    const change = (task: WireTaskInfo) => {
      Object.assign(task.resources[0]!, { name: 'gold' });
      return task;
    };
    expect(() => build({ command: 'true', customize: change })).toThrow(/changed resources/);
    expect(resources[0]).not.toMatchObject({ name: 'gold' });
  });

  test('that fails is told as what it is', () => {
    const broken = () => {
      throw new Error('oops');
    };
    expect(() => build({ command: 'true', customize: broken })).toThrow(TaskNotBuilt);
    expect(() => build({ command: 'true', customize: broken })).toThrow('customize of task t threw: oops');
    const nothing = (() => undefined) as unknown as NonNullable<TaskSpec['customize']>;
    expect(() => build({ command: 'true', customize: nothing })).toThrow('returned no task');
    const unwritable = ((task: object) => ({ ...task, size: 1n })) as unknown as typeof nothing;
    expect(() => build({ command: 'true', customize: unwritable })).toThrow("can't be written as JSON");
  });
});

describe('labels of a launch', () => {
  test('stand beside those of the spec and win', () => {
    const compilation = compileTask(
      { id: 't', cpus: 1, memoryMb: 1, command: 'x', labels: { a: '1', b: '1' } },
      defaults,
    );
    if (compilation.kind === 'invalid') throw new Error(compilation.reason);
    const placement = { agentId: 'S1', hostname: 'h', hostPorts: [] };
    const launch = { mesosTaskId: 't', placement, resources, labels: { b: '2', c: '3' } };
    expect(buildTaskInfo(compilation.task, launch).labels?.labels).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
      { key: 'c', value: '3' },
    ]);
  });
});

describe('a group', () => {
  function buildGroup(network?: { readonly name: string }) {
    const task = { cpus: 0.1, memoryMb: 32, command: 'true' };
    const ports = network ? [{ containerPort: 80 }] : [{}];
    const compilation = compileGroup(
      { id: 'g', tasks: [{ ...task, ports }, task], ...(network && { network }) },
      defaults,
    );
    if (compilation.kind === 'invalid') throw new Error(compilation.reason);
    const place = (hostPorts: readonly number[]) => ({ agentId: 'S1', hostname: 'h', hostPorts });
    return buildTaskGroup(compilation.group, {
      frameworkId: 'F',
      executorId: 'g.2',
      executorResources: resources,
      tasks: [
        { mesosTaskId: 'g-1.2', placement: place([31_005]), resources },
        { mesosTaskId: 'g-2.2', placement: place([]), resources },
      ],
    });
  }

  test('is launched by a default executor that names its framework', () => {
    expect(buildGroup()).toMatchObject({
      type: 'LAUNCH_GROUP',
      launch_group: {
        executor: { type: 'DEFAULT', executor_id: { value: 'g.2' }, framework_id: { value: 'F' }, resources },
        task_group: { tasks: [{ task_id: { value: 'g-1.2' } }, { task_id: { value: 'g-2.2' } }] },
      },
    });
    expect(buildGroup()).not.toHaveProperty('launch_group.executor.container');
    expect(buildGroup()).not.toHaveProperty('launch_group.executor.command');
    expect(buildGroup()).not.toHaveProperty('launch_group.task_group.tasks.0.executor');
  });

  test('has its network in the executor, with the ports of all tasks', () => {
    const operation = buildGroup({ name: 'cni' });
    expect(operation).toHaveProperty('launch_group.executor.container', {
      type: 'MESOS',
      network_infos: [
        { name: 'cni', port_mappings: [{ host_port: 31_005, container_port: 80, protocol: 'tcp' }] },
      ],
    });
    expect(operation).not.toHaveProperty('launch_group.task_group.tasks.0.container');
  });
});
