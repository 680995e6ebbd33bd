import type { Address } from '../membership/member.ts';
import type { MarathonApp, MarathonTask, PortDefinition } from './marathon-app.ts';
import { SeedError } from './seed-error.ts';
import type { Seed } from './seed-source.ts';

/** Tasks that run or are about to; of others (killed, lost, unreachable) nobody is reached any more. */
const LISTED = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING']);

export interface AppSeedsOptions {
  /** By name or by its place among the app's ports. */
  readonly port: string | number;
  /** The task that this instance is. */
  readonly self: string | undefined;
}

/** Where the instances of an app are reached. Throws {@link SeedError} `PORT_NOT_FOUND`. */
export function appSeeds(app: MarathonApp, { port, self }: AppSeedsOptions): Seed[] {
  const definitions = definitionsOf(app);
  const index = portIndex(app, definitions, port);
  return (app.tasks ?? []).flatMap((task): Seed[] => {
    // Of itself an instance knows that it runs, whatever Marathon has heard.
    const isSelf = self !== undefined && task.id === self;
    if (!isSelf && task.state !== undefined && !LISTED.has(task.state)) return [];
    const address = addressOf(task, { definitions, index, hasOwnIp: hasOwnIp(app) });
    if (!address) return [];
    return [
      { address, ...(task.id !== undefined && { name: task.id }), healthy: isSelf || isHealthy(app, task) },
    ];
  });
}

/** Overlay networks: a container has an address of its own. With host and bridge networks it is reached by the host's. */
function hasOwnIp(app: MarathonApp): boolean {
  if (app.networks && app.networks.length > 0) return app.networks.some(({ mode }) => mode === 'container');
  const network = app.container?.docker?.network;
  if (network !== undefined) return network === 'USER';
  return app.ipAddress !== undefined;
}

function isBridge(app: MarathonApp): boolean {
  return (
    app.networks?.some(({ mode }) => mode === 'container/bridge') === true ||
    app.container?.docker?.network === 'BRIDGE'
  );
}

/** Undefined: the app says nothing of its ports. */
function definitionsOf(app: MarathonApp): readonly PortDefinition[] | undefined {
  if (!hasOwnIp(app) && !isBridge(app)) return app.portDefinitions;
  return app.container?.portMappings ?? app.container?.docker?.portMappings;
}

function portIndex(
  app: MarathonApp,
  definitions: readonly PortDefinition[] | undefined,
  port: string | number,
): number {
  const index = typeof port === 'number' ? port : (definitions ?? []).findIndex(({ name }) => name === port);
  if (index >= 0 && (definitions === undefined || index < definitions.length)) return index;
  const names = (definitions ?? []).map(({ name }, at) =>
    name === undefined ? `${at}` : `${at} ('${name}')`,
  );
  throw new SeedError('PORT_NOT_FOUND', {
    what: `Marathon's app ${app.id} has no port ${typeof port === 'number' ? port : `'${port}'`}; it has ${names.join(', ') || 'none with a name'}.`,
    mend: 'Name the port in portDefinitions or container.portMappings of the app, or give its place there, from 0 on.',
  });
}

function addressOf(
  task: MarathonTask,
  of: { definitions: readonly PortDefinition[] | undefined; index: number; hasOwnIp: boolean },
): Address | undefined {
  const { definitions, index } = of;
  const hostPort = task.ports?.[hostPortIndex(definitions, index)];
  if (!of.hasOwnIp) return reachable(task.host, hostPort);
  const containerPort = definitions?.[index]?.containerPort;
  // 0: the same as the host's, which Marathon chooses.
  return reachable(task.ipAddresses?.[0]?.ipAddress, containerPort === 0 ? hostPort : containerPort);
}

/** Only mappings with a host port (null: none) count among the ports of a task. */
function hostPortIndex(definitions: readonly PortDefinition[] | undefined, index: number): number {
  return definitions ? definitions.slice(0, index).filter(({ hostPort }) => hostPort !== null).length : index;
}

function reachable(host: string | undefined, port: number | undefined): Address | undefined {
  if (host === undefined || host === '' || port === undefined) return undefined;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? { host, port } : undefined;
}

/** Running, and nothing that the app has checked speaks against it; a check that has not run yet does. */
function isHealthy(app: MarathonApp, { state, healthCheckResults }: MarathonTask): boolean {
  if (state !== undefined && state !== 'TASK_RUNNING') return false;
  if ((app.healthChecks ?? []).length === 0) return true;
  const results = healthCheckResults ?? [];
  return results.length > 0 && results.every(({ alive }) => alive === true);
}
