import type { HealthCheckSpec, ImageSpec, PortSpec, TaskSpec, WireTaskInfo } from '@vibrissa/mesos';

import type { ContainerSpec } from '../container-factory.ts';
import { LEAST_CPUS } from './agent-amounts.ts';
import { labelsOf } from './container-labels.ts';
import type { MesosConfig, MesosSettings } from './mesos-config.ts';
import type { TaskKind } from './task-kind.ts';

type ImageKind = Exclude<TaskKind, { readonly type: 'command' }>;

/** What of a task is not in its container's specification. */
export interface TaskNames {
  readonly id: string;
  readonly kind: TaskKind;
  /** The secret that its runtime wants to be shown. */
  readonly token: string;
  /** The platform's API, as agents reach it. */
  readonly apiUrl: string;
  /** Path on that API of the archive with launcher and runtimes; absent: `mesos.command.runtimePath` has them. */
  readonly archivePath?: string;
}

/** Tells a runtime its secret. */
export const TOKEN_VARIABLE = '__OW_TOKEN';
/** Where runtimes in images listen, when their network is their own. */
const CONTAINER_PORT = 8080;
/** Nothing that is done between SIGTERM and SIGKILL is of use to anybody. */
const KILL_GRACE_MS = 500;
/** The launcher stays beside its sandbox, and should take little memory for that. */
const LAUNCHER_FLAGS = '--max-old-space-size=32 --max-semi-space-size=1 --v8-pool-size=1';
const THOUSANDTHS = 1000;

function cpusOf({ cpuShares }: ContainerSpec): number {
  return Math.max(LEAST_CPUS, Math.round((cpuShares / 1024) * THOUSANDTHS) / THOUSANDTHS);
}

function isOwned(kind: TaskKind): boolean {
  return kind.type === 'command' || kind.isOurs;
}

/** Has the container the agent's network, and so to listen where Mesos says? */
function isOnHost({ network }: MesosSettings, { type }: TaskKind): boolean {
  if (type === 'command') return true;
  // Only Docker has a bridge.
  return network === 'host' || (type === 'ucr' && network === 'bridge');
}

/** Another id at each launch of the task; Mesos doesn't tell it to the task itself. */
function tellTaskId(task: WireTaskInfo): WireTaskInfo {
  const told = { name: 'MESOS_TASK_ID', value: task.task_id.value };
  const variables = [...(task.command?.environment?.variables ?? []), told];
  return { ...task, command: { ...task.command, environment: { variables } } };
}

function quoted(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function commandOf({ apiCa, settings, sandbox }: MesosConfig, container: ContainerSpec, names: TaskNames) {
  const { allowUnconfined, node, overhead, runtimePath } = settings.command;
  const directory = runtimePath === undefined ? '.' : quoted(runtimePath.replace(/\/+$/, ''));
  return {
    command: `exec ${quoted(node)} ${LAUNCHER_FLAGS} ${directory}/launch.mjs`,
    memoryMb: container.memoryMb + overhead,
    env: {
      VIBRISSA_KIND: container.kind,
      VIBRISSA_API: names.apiUrl,
      VIBRISSA_SANDBOX: JSON.stringify(sandbox),
      ...(apiCa === undefined ? {} : { VIBRISSA_API_CA: apiCa }),
      ...(allowUnconfined ? { VIBRISSA_ALLOW_UNCONFINED: '1' } : {}),
    },
    ...(names.archivePath === undefined
      ? {}
      : { fetch: [{ uri: `${names.apiUrl}${names.archivePath}`, extract: true, cache: true }] }),
  };
}

function networkOf(settings: MesosSettings, kind: ImageKind): Pick<ImageSpec, 'network' | 'routable'> {
  const { network, networkIsRoutable } = settings;
  if (isOnHost(settings, kind)) return { network: 'host' };
  if (network === 'bridge') return { network };
  return { network: { name: network }, routable: networkIsRoutable };
}

function parametersOf({ images }: MesosSettings): NonNullable<ImageSpec['parameters']> {
  return images.parameters.map((given) => {
    const [key = '', ...value] = given.replace(/^--/, '').split('=');
    return { key, value: value.join('=') };
  });
}

function imageOf({ settings }: MesosConfig, container: ContainerSpec, kind: ImageKind) {
  const parameters = kind.type === 'docker' ? parametersOf(settings) : [];
  const image: ImageSpec = {
    name: kind.image,
    runtime: kind.type,
    ...networkOf(settings, kind),
    forcePull: settings.images.forcePull,
    ...(parameters.length > 0 && { parameters }),
  };
  return { image, memoryMb: container.memoryMb, env: {} };
}

function healthCheckOf({ healthCheck }: MesosSettings): { readonly healthCheck?: HealthCheckSpec } {
  const { delay, enabled, gracePeriod, interval, maxConsecutiveFailures, timeout } = healthCheck;
  if (!enabled) return {};
  return {
    healthCheck: {
      type: 'TCP',
      delayMs: delay,
      intervalMs: interval,
      timeoutMs: timeout,
      gracePeriodMs: gracePeriod,
      maxFailures: maxConsecutiveFailures,
    },
  };
}

/** The task that a container is to Mesos. Pure. */
export function taskSpecOf(container: ContainerSpec, names: TaskNames, config: MesosConfig): TaskSpec {
  const { settings } = config;
  const { kind } = names;
  const isUsers = kind.type !== 'command' && kind.isUsers;
  const onHost = isOnHost(settings, kind);
  const port: PortSpec = onHost ? { name: 'http' } : { name: 'http', containerPort: CONTAINER_PORT };
  const what =
    kind.type === 'command' ? commandOf(config, container, names) : imageOf(config, container, kind);
  return {
    ...what,
    id: names.id,
    name: container.name.replace(/^wsk/, 'whisk'),
    role: settings.role,
    cpus: cpusOf(container),
    ports: [port],
    ...(settings.user !== undefined && { user: settings.user }),
    env: {
      ...container.env,
      ...what.env,
      __OW_API_HOST: names.apiUrl,
      [TOKEN_VARIABLE]: names.token,
      ...(isOwned(kind) ? { __OW_LOG_STAMPS: '1' } : {}),
    },
    constraints: isUsers ? config.blackboxConstraints : config.constraints,
    ...healthCheckOf(settings),
    killGraceMs: KILL_GRACE_MS,
    labels: labelsOf(container, config),
    customize: tellTaskId,
  };
}

/** `whisk-0-12-guest-hello-1f0c…`: readable, and unlike any id before. `random`: at least ten letters and digits. */
export function taskIdOf({ name }: Pick<ContainerSpec, 'name'>, random: string): string {
  const readable = name
    .replace(/^wsk/, 'whisk-')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 60);
  return `${readable.replace(/-$/, '')}-${random.slice(0, 10)}`;
}
