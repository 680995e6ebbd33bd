import { mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

import type { WireContainerInfo, WireTaskInfo } from '@vibrissa/mesos/wire';
import type { ContainerLaunch } from '../agent/messages.ts';
import { LaunchRefused } from './container.ts';
import { SANDBOX_IN_IMAGE } from './image-root.ts';
import type { Sandbox } from './sandbox.ts';

/** By this label containers are found that a killed simulator has left behind. */
const DOCKER_LABEL = 'mesos-simulator';

type Body = Record<string, unknown>;

const MIB = 1024 * 1024;
const CPU_SHARES = 1024;

function scalar(task: WireTaskInfo, name: string): number {
  return task.resources.reduce(
    (sum, resource) =>
      resource.name === name && resource.type === 'SCALAR' ? sum + resource.scalar.value : sum,
    0,
  );
}

function networkMode(container: WireContainerInfo): string {
  const { network = 'HOST' } = container.docker ?? {};
  if (network !== 'USER') return network.toLowerCase();
  return container.network_infos?.find(({ name }) => name !== undefined)?.name ?? 'bridge';
}

function command(task: WireTaskInfo): Body {
  const { shell = true, value, arguments: args = [] } = task.command ?? {};
  if (value === undefined) return args.length > 0 ? { Cmd: args } : {};
  return shell ? { Entrypoint: ['/bin/sh'], Cmd: ['-c', value] } : { Cmd: [value, ...args] };
}

/** What `docker run`'s flags mean in the API; a task's `parameters` are such flags. */
const flags: Readonly<Record<string, (body: Body, host: Body, value: string) => void>> = {
  label: (body, _host, value) => {
    const [key = '', ...rest] = value.split('=');
    body['Labels'] = { ...(body['Labels'] as Body), [key]: rest.join('=') };
  },
  env: (body, _host, value) => append(body, 'Env', value),
  hostname: (body, _host, value) => void (body['Hostname'] = value),
  user: (body, _host, value) => void (body['User'] = value),
  workdir: (body, _host, value) => void (body['WorkingDir'] = value),
  entrypoint: (body, _host, value) => void (body['Entrypoint'] = [value]),
  volume: (_body, host, value) => append(host, 'Binds', value),
  'cap-add': (_body, host, value) => append(host, 'CapAdd', value),
  'cap-drop': (_body, host, value) => append(host, 'CapDrop', value),
  'add-host': (_body, host, value) => append(host, 'ExtraHosts', value),
  dns: (_body, host, value) => append(host, 'Dns', value),
  net: (_body, host, value) => void (host['NetworkMode'] = value),
  network: (_body, host, value) => void (host['NetworkMode'] = value),
  ulimit: (_body, host, value) => {
    const [, name = '', soft = '', hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(value) ?? [];
    const limits = (host['Ulimits'] as Body[] | undefined) ?? [];
    host['Ulimits'] = [...limits, { Name: name, Soft: Number(soft), Hard: Number(hard) }];
  },
  'pids-limit': (_body, host, value) => void (host['PidsLimit'] = Number(value)),
  'read-only': (_body, host, value) => void (host['ReadonlyRootfs'] = value !== 'false'),
};

function append(target: Body, name: string, value: string): void {
  target[name] = [...((target[name] as string[] | undefined) ?? []), value];
}

function ports(container: WireContainerInfo): { readonly exposed: Body; readonly bindings: Body } {
  const exposed: Body = {};
  const bindings: Body = {};
  for (const { host_port, container_port, protocol = 'tcp' } of container.docker?.port_mappings ?? []) {
    const key = `${container_port}/${protocol}`;
    exposed[key] = {};
    append(bindings, key, '');
    bindings[key] = [{ HostPort: String(host_port) }];
  }
  return { exposed, bindings };
}

async function binds(container: WireContainerInfo, sandbox: Sandbox): Promise<string[]> {
  const all = [`${sandbox.directory}:${SANDBOX_IN_IMAGE}`];
  for (const { host_path: given, container_path: target, mode } of container.volumes ?? []) {
    if (given === undefined) continue;
    const source = isAbsolute(given) ? given : join(sandbox.directory, given);
    if (!isAbsolute(given)) await mkdir(source, { recursive: true });
    all.push(`${source}:${target}:${mode.toLowerCase()}`);
  }
  return all;
}

function refuse(container: WireContainerInfo): void {
  const { port_mappings: mappings = [], network = 'HOST' } = container.docker ?? {};
  if (mappings.length > 0 && network !== 'BRIDGE' && network !== 'USER') {
    throw new LaunchRefused(
      'Failed to launch container: Port mappings are only supported for bridge and user-defined networks',
    );
  }
}

/** The body of `POST /containers/create` for a task. Throws a {@link LaunchRefused}. */
export async function dockerRequest(launch: ContainerLaunch, sandbox: Sandbox): Promise<Body> {
  const { task } = launch;
  const container = task.container ?? { type: 'DOCKER' };
  refuse(container);
  const { exposed, bindings } = ports(container);
  const variables = task.command?.environment?.variables ?? [];
  const memory = scalar(task, 'mem');
  const host: Body = {
    NetworkMode: networkMode(container),
    PortBindings: bindings,
    Binds: await binds(container, sandbox),
    Privileged: container.docker?.privileged ?? false,
    CpuShares: Math.max(2, Math.round(scalar(task, 'cpus') * CPU_SHARES)),
    ...(memory > 0 ? { Memory: memory * MIB } : {}),
  };
  const body: Body = {
    Image: container.docker?.image ?? '',
    ...command(task),
    Env: [
      ...variables.map(({ name, value }) => `${name}=${value}`),
      `MESOS_SANDBOX=${SANDBOX_IN_IMAGE}`,
      `MESOS_CONTAINER_NAME=mesos-${launch.containerId}`,
    ],
    ExposedPorts: exposed,
    Labels: { [DOCKER_LABEL]: launch.agentId },
    ...(container.hostname === undefined ? {} : { Hostname: container.hostname }),
    ...(task.command?.user === undefined ? {} : { User: task.command.user }),
    HostConfig: host,
  };
  for (const { key, value } of container.docker?.parameters ?? []) {
    const apply = flags[key];
    if (!apply) {
      throw new LaunchRefused(
        `Failed to launch container: the simulator does not know the Docker parameter '${key}', only ${Object.keys(flags).join(', ')}`,
      );
    }
    apply(body, host, value);
  }
  return body;
}
