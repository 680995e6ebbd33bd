import type { RandomSource } from '../base/random.ts';
import type { AppSpec, ConstraintSpec, HealthCheckSpec, Json, PortSpec } from './app-spec.ts';
import { appProblems, type AppProblem } from './app-problems.ts';

/** What Marathon assumes where a definition says nothing. */
const defaults: Json = {
  acceptedResourceRoles: ['*'],
  backoffFactor: 1.15,
  backoffSeconds: 1,
  constraints: [],
  cpus: 0.1,
  dependencies: [],
  disk: 0,
  env: {},
  executor: '',
  fetch: [],
  gpus: 0,
  healthChecks: [],
  instances: 1,
  killSelection: 'YOUNGEST_FIRST',
  labels: {},
  maxLaunchDelaySeconds: 300,
  mem: 128,
  networks: [{ mode: 'host' }],
  requirePorts: false,
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
  upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
};

const healthCheckDefaults: Json = {
  gracePeriodSeconds: 300,
  intervalSeconds: 60,
  timeoutSeconds: 20,
  maxConsecutiveFailures: 3,
  delaySeconds: 15,
};

/** Set by Marathon, whatever a definition says: so an app that was read can be sent back. */
const assigned = new Set([
  'version',
  'versionInfo',
  'deployments',
  'tasks',
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'lastTaskFailure',
  'readinessCheckResults',
]);

const SERVICE_PORTS = { first: 10_000, count: 10_000 };

export type ReadApp =
  | { readonly kind: 'app'; readonly app: AppSpec }
  | { readonly kind: 'refused'; readonly status: 400 | 422; readonly problems: readonly AppProblem[] };

/** With one slash in front, as apps are known by. */
export function absoluteId(id: string): string {
  return `/${id.split('/').filter(Boolean).join('/')}`;
}

/** Reads a definition; ports that are 0 get a random service port. */
export function readApp(given: Json, random: RandomSource): ReadApp {
  const refused = appProblems(given);
  if (refused) return { kind: 'refused', ...refused };
  const own = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => !assigned.has(name) && value !== null),
  );
  const merged: Json = { ...defaults, ...own, id: absoluteId(String(given['id'])) };
  const json = withPorts(
    {
      ...merged,
      healthChecks: objects(merged['healthChecks']).map(fullHealthCheck),
      upgradeStrategy: { ...object(defaults['upgradeStrategy']), ...object(merged['upgradeStrategy']) },
    },
    random,
  );
  return { kind: 'app', app: compile(json) };
}

function fullHealthCheck(check: Json): Json {
  const { protocol = 'HTTP' } = check;
  const path = String(protocol).includes('HTTP') ? { path: '/' } : {};
  const port = protocol === 'COMMAND' || check['port'] !== undefined ? {} : { portIndex: 0 };
  return { ...healthCheckDefaults, protocol, ...path, ...port, ...check };
}

/** `ports` of old is short for definitions; a host network without either gets one port. */
function withPorts(json: Json, random: RandomSource): Json {
  const service = (port: unknown): number =>
    typeof port === 'number' && port > 0
      ? port
      : SERVICE_PORTS.first + Math.floor(random.next() * SERVICE_PORTS.count);
  const { ports, ...rest } = json;
  if (networkOf(json) === 'host') {
    const short = Array.isArray(ports) ? ports.map((port: unknown) => ({ port })) : undefined;
    const definitions = json['portDefinitions'] ?? short ?? [{ port: 0, name: 'default' }];
    const portDefinitions = objects(definitions).map((each) => ({
      labels: {},
      protocol: 'tcp',
      ...each,
      // A port that is required is the host's, and 0 stays any; otherwise it only names the service.
      port: json['requirePorts'] === true ? (each['port'] ?? 0) : service(each['port']),
    }));
    return { ...rest, portDefinitions };
  }
  const container = object(json['container']);
  const portMappings = mappingsOf(container).map((each) => ({
    labels: {},
    protocol: 'tcp',
    ...(networkOf(json) === 'bridge' ? { hostPort: 0 } : {}),
    ...each,
    servicePort: service(each['servicePort']),
  }));
  return { ...rest, container: { ...container, portMappings } };
}

function mappingsOf(container: Json): readonly Json[] {
  return objects(container['portMappings'] ?? object(container['docker'])['portMappings']);
}

function networkOf(json: Json): AppSpec['network'] {
  const [network = {}] = objects(json['networks']);
  const legacy = object(object(json['container'])['docker'])['network'];
  if (network['mode'] === 'container' || legacy === 'USER') return 'container';
  return network['mode'] === 'container/bridge' || legacy === 'BRIDGE' ? 'bridge' : 'host';
}

function portsOf(json: Json): readonly PortSpec[] {
  if (networkOf(json) === 'host') {
    const requires = json['requirePorts'] === true;
    return objects(json['portDefinitions']).map((each) => ({
      ...named(each),
      hostPort: requires ? number(each['port']) : 0,
      servicePort: number(each['port']),
      protocol: String(each['protocol']),
    }));
  }
  return mappingsOf(object(json['container'])).map((each) => ({
    ...named(each),
    hostPort: each['hostPort'] === undefined ? undefined : number(each['hostPort']),
    containerPort: number(each['containerPort']),
    servicePort: number(each['servicePort']),
    protocol: String(each['protocol']),
  }));
}

function named(each: Json): { readonly name?: string } {
  return typeof each['name'] === 'string' ? { name: each['name'] } : {};
}

function healthCheckOf(check: Json): HealthCheckSpec {
  const protocol = String(check['protocol']);
  const ms = (name: string): number => number(check[name]) * 1000;
  const command = object(check['command'])['value'];
  return {
    by: protocol.startsWith('MESOS_') || protocol === 'COMMAND' ? 'mesos' : 'marathon',
    type: protocol === 'COMMAND' ? 'COMMAND' : protocol.endsWith('TCP') ? 'TCP' : 'HTTP',
    scheme: protocol.endsWith('HTTPS') ? 'https' : 'http',
    path: String(check['path'] ?? '/'),
    portIndex: number(check['portIndex']),
    ...(typeof check['port'] === 'number' ? { port: check['port'] } : {}),
    ...(typeof command === 'string' ? { command } : {}),
    delayMs: ms('delaySeconds'),
    graceMs: ms('gracePeriodSeconds'),
    intervalMs: ms('intervalSeconds'),
    timeoutMs: ms('timeoutSeconds'),
    maxConsecutiveFailures: number(check['maxConsecutiveFailures']),
  };
}

function unreachableOf(strategy: unknown): AppSpec['unreachable'] {
  if (strategy === 'disabled') return undefined;
  const { inactiveAfterSeconds, expungeAfterSeconds } = object(strategy);
  return { inactiveMs: number(inactiveAfterSeconds) * 1000, expungeMs: number(expungeAfterSeconds) * 1000 };
}

function compile(json: Json): AppSpec {
  const strategy = object(json['upgradeStrategy']);
  const { cmd, args, user, taskKillGracePeriodSeconds: grace } = json;
  return {
    id: String(json['id']),
    json,
    ...(typeof cmd === 'string' ? { cmd } : {}),
    ...(Array.isArray(args) ? { args: args.map(String) } : {}),
    ...(typeof user === 'string' ? { user } : {}),
    ...(typeof grace === 'number' ? { killGraceMs: grace * 1000 } : {}),
    instances: number(json['instances']),
    cpus: number(json['cpus']),
    mem: number(json['mem']),
    disk: number(json['disk']),
    gpus: number(json['gpus']),
    env: texts(json['env']),
    labels: texts(json['labels']),
    network: networkOf(json),
    ports: portsOf(json),
    requirePorts: json['requirePorts'] === true,
    healthChecks: objects(json['healthChecks']).map(healthCheckOf),
    constraints: (json['constraints'] as readonly (readonly unknown[])[]).map(([field, operator, value]) => ({
      field: String(field),
      operator: operator as ConstraintSpec['operator'],
      value: String(value ?? ''),
    })),
    backoffMs: number(json['backoffSeconds']) * 1000,
    backoffFactor: number(json['backoffFactor']),
    maxLaunchDelayMs: number(json['maxLaunchDelaySeconds']) * 1000,
    killsOldestFirst: json['killSelection'] === 'OLDEST_FIRST',
    minimumHealthCapacity: number(strategy['minimumHealthCapacity']),
    maximumOverCapacity: number(strategy['maximumOverCapacity']),
    unreachable: unreachableOf(json['unreachableStrategy']),
  };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

/** Secrets stand there as objects, and are left out. */
function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(object(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
