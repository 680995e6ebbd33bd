import type {
  WireContainerInfo,
  WireHealthCheck,
  WireTaskInfo,
  WireUri,
  WireVolume,
} from '@vibrissa/mesos/wire';

import type { AppSpec, HealthCheckSpec, Json } from './app-spec.ts';
import { objectOf, objectsOf } from './json-fields.ts';
import type { Instance } from './instance.ts';
import { taskResources } from './match-offer.ts';

/** What Mesos is told to launch. */
export function taskInfo(instance: Instance): WireTaskInfo {
  const { app, taskId, agentId, ports } = instance;
  const container = containerInfo(instance);
  const check = app.healthChecks.find(({ by }) => by === 'mesos');
  const labels = Object.entries(app.labels).map(([key, value]) => ({ key, value }));
  return {
    name: app.id.split('/').filter(Boolean).toReversed().join('.'),
    task_id: { value: taskId },
    agent_id: { value: agentId },
    resources: taskResources(app, ports),
    command: {
      ...commandLine(app),
      ...(app.user === undefined ? {} : { user: app.user }),
      environment: {
        variables: Object.entries(taskVariables(instance)).map(([name, value]) => ({ name, value })),
      },
      uris: urisOf(app.json),
    },
    ...(container ? { container } : {}),
    ...(check ? { health_check: mesosCheck(check, instance) } : {}),
    ...(app.killGraceMs === undefined
      ? {}
      : { kill_policy: { grace_period: { nanoseconds: app.killGraceMs * 1e6 } } }),
    ...(labels.length > 0 ? { labels: { labels } } : {}),
    discovery: {
      visibility: 'FRAMEWORK',
      name: app.id.split('/').filter(Boolean).toReversed().join('.'),
      ports: { ports: discoveryPorts(instance) },
    },
  };
}

/** The port of a definition: of the host, or else of the container. */
export function effectivePort(instance: Instance, index: number): number | undefined {
  const spec = instance.app.ports[index];
  if (spec === undefined) return undefined;
  if (spec.hostPort === undefined) return spec.containerPort;
  const before = instance.app.ports.slice(0, index).filter(({ hostPort }) => hostPort !== undefined);
  return instance.ports[before.length];
}

/** What Marathon adds to a task's environment; the app's own wins. */
function taskVariables(instance: Instance): Readonly<Record<string, string>> {
  const { app, taskId, version, host } = instance;
  const ports = app.ports.map((_, index) => effectivePort(instance, index) ?? 0);
  const labels = Object.entries(app.labels).map(([name, value]) => [variableName(name), value] as const);
  const image = imageOf(app);
  return {
    HOST: host,
    MESOS_TASK_ID: taskId,
    MARATHON_APP_ID: app.id,
    MARATHON_APP_VERSION: version,
    MARATHON_APP_LABELS: labels.map(([name]) => name).join(' '),
    MARATHON_APP_RESOURCE_CPUS: decimal(app.cpus),
    MARATHON_APP_RESOURCE_MEM: decimal(app.mem),
    MARATHON_APP_RESOURCE_DISK: decimal(app.disk),
    MARATHON_APP_RESOURCE_GPUS: String(app.gpus),
    ...(image === undefined ? {} : { MARATHON_APP_DOCKER_IMAGE: image }),
    ...Object.fromEntries(labels.map(([name, value]) => [`MARATHON_APP_LABEL_${name}`, value])),
    ...portVariables(app, ports),
    ...app.env,
  };
}

function portVariables(app: AppSpec, ports: readonly number[]): Readonly<Record<string, string>> {
  const [first] = ports;
  if (first === undefined) return {};
  const each = ports.flatMap((port, index) => {
    const { name, containerPort, hostPort } = app.ports[index] ?? {};
    const asked = containerPort ?? hostPort;
    return [
      [`PORT${index}`, port],
      ...(asked ? [[`PORT_${asked}`, port]] : []),
      ...(name === undefined ? [] : [[`PORT_${variableName(name)}`, port]]),
    ];
  });
  const texts = Object.fromEntries(each.map(([name, port]) => [name, String(port)])) as Record<
    string,
    string
  >;
  return { PORT: String(first), PORTS: ports.join(','), ...texts };
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
}

/** As Scala writes numbers. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function commandLine({ cmd, args }: AppSpec): NonNullable<WireTaskInfo['command']> {
  if (cmd !== undefined) return { shell: true, value: cmd };
  if (args === undefined) return { shell: false };
  return args[0] === undefined ? { shell: false } : { shell: false, value: args[0], arguments: args };
}

function urisOf(json: Json): WireUri[] {
  return objectsOf(json['fetch']).map((each) => ({
    value: String(each['uri']),
    extract: each['extract'] !== false,
    executable: each['executable'] === true,
    cache: each['cache'] === true,
    ...(typeof each['destPath'] === 'string' ? { output_file: each['destPath'] } : {}),
  }));
}

function imageOf({ json }: AppSpec): string | undefined {
  const { image } = objectOf(objectOf(json['container'])['docker']);
  return typeof image === 'string' ? image : undefined;
}

function containerInfo(instance: Instance): WireContainerInfo | undefined {
  const { app } = instance;
  const image = imageOf(app);
  const given = objectOf(app.json['container']);
  const volumes = objectsOf(given['volumes']).flatMap(hostVolume);
  if (image === undefined) return volumes.length > 0 ? { type: 'MESOS', volumes } : undefined;
  if (given['type'] === 'MESOS')
    return { type: 'MESOS', mesos: { image: { type: 'DOCKER', docker: { name: image } } }, volumes };
  const mappings = app.ports.flatMap((port, index) => {
    const host = port.hostPort === undefined ? undefined : effectivePort(instance, index);
    if (host === undefined || port.containerPort === undefined) return [];
    return [{ host_port: host, container_port: port.containerPort || host, protocol: port.protocol }];
  });
  const network = ({ host: 'HOST', bridge: 'BRIDGE', container: 'USER' } as const)[app.network];
  return {
    type: 'DOCKER',
    docker: { image, network, ...(app.network === 'host' ? {} : { port_mappings: mappings }) },
    volumes,
  };
}

/** Persistent volumes have no host path, and are left out. */
function hostVolume({ hostPath, containerPath, mode }: Json): WireVolume[] {
  if (typeof hostPath !== 'string') return [];
  return [{ host_path: hostPath, container_path: String(containerPath), mode: mode === 'RO' ? 'RO' : 'RW' }];
}

/** Executors ask inside the task's network: on the container's own port, if it has one. */
function mesosCheck(check: HealthCheckSpec, instance: Instance): WireHealthCheck {
  const inside = instance.app.ports[check.portIndex]?.containerPort;
  const port = check.port ?? (inside || effectivePort(instance, check.portIndex)) ?? 0;
  const what = {
    COMMAND: { command: { shell: true, value: check.command ?? '' } },
    HTTP: { http: { port, path: check.path, scheme: check.scheme } },
    TCP: { tcp: { port } },
  }[check.type];
  return {
    type: check.type,
    ...what,
    delay_seconds: check.delayMs / 1000,
    interval_seconds: check.intervalMs / 1000,
    timeout_seconds: check.timeoutMs / 1000,
    consecutive_failures: check.maxConsecutiveFailures,
    grace_period_seconds: check.graceMs / 1000,
  };
}

function discoveryPorts(instance: Instance) {
  return instance.app.ports.map(({ name, protocol }, index) => ({
    number: effectivePort(instance, index) ?? 0,
    protocol,
    ...(name === undefined ? {} : { name }),
  }));
}
