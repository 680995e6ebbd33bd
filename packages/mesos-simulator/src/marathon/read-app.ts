import type { RandomSource } from '../base/random.ts';
import type { AppSpec, ConstraintSpec, HealthCheckSpec, Json, PortSpec } from './app-spec.ts';
import { numberOf, objectOf, objectsOf } from './json-fields.ts';
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
  const own = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => !assigned.has(name) && value !== null),
  );
  const refused = appProblems(own);
  if (refused) return { kind: 'refused', ...refused };
  const merged: Json = { ...defaults, ...own, id: absoluteId(String(own['id'])) };
  const json = withPorts(
    {
      ...merged,
      healthChecks: objectsOf(merged['healthChecks']).map(fullHealthCheck),
      upgradeStrategy: { ...objectOf(defaults['upgradeStrategy']), ...objectOf(merged['upgradeStrategy']) },
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
    const portDefinitions = objectsOf(definitions).map((each) => ({
      labels: {},
      protocol: 'tcp',
      ...each,
      // A port that is required is the host's, and 0 stays any; otherwise it only names the service.
      port: json['requirePorts'] === true ? (each['port'] ?? 0) : service(each['port']),
    }));
    return { ...rest, portDefinitions };
  }
  const container = objectOf(json['container']);
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
  return objectsOf(container['portMappings'] ?? objectOf(container['docker'])['portMappings']);
}

function networkOf(json: Json): AppSpec['network'] {
  const [network = {}] = objectsOf(json['networks']);
  const legacy = objectOf(objectOf(json['container'])['docker'])['network'];
  if (network['mode'] === 'container' || legacy === 'USER') return 'container';
  return network['mode'] === 'container/bridge' || legacy === 'BRIDGE' ? 'bridge' : 'host';
}

function portsOf(json: Json): readonly PortSpec[] {
  if (networkOf(json) === 'host') {
    const requires = json['requirePorts'] === true;
    return objectsOf(json['portDefinitions']).map((each) => ({
      ...named(each),
      hostPort: requires ? numberOf(each['port']) : 0,
      servicePort: numberOf(each['port']),
      protocol: String(each['protocol']),
    }));
  }
  return mappingsOf(objectOf(json['container'])).map((each) => ({
    ...named(each),
    hostPort: each['hostPort'] === undefined ? undefined : numberOf(each['hostPort']),
    containerPort: numberOf(each['containerPort']),
    servicePort: numberOf(each['servicePort']),
    protocol: String(each['protocol']),
  }));
}

function named(each: Json): { readonly name?: string } {
  return typeof each['name'] === 'string' ? { name: each['name'] } : {};
}

function healthCheckOf(check: Json): HealthCheckSpec {
  const protocol = String(check['protocol']);
  const ms = (name: string): number => numberOf(check[name]) * 1000;
  const command = objectOf(check['command'])['value'];
  return {
    by: protocol.startsWith('MESOS_') || protocol === 'COMMAND' ? 'mesos' : 'marathon',
    type: protocol === 'COMMAND' ? 'COMMAND' : protocol.endsWith('TCP') ? 'TCP' : 'HTTP',
    scheme: protocol.endsWith('HTTPS') ? 'https' : 'http',
    path: String(check['path'] ?? '/'),
    portIndex: numberOf(check['portIndex']),
    ...(typeof check['port'] === 'number' ? { port: check['port'] } : {}),
    ...(typeof command === 'string' ? { command } : {}),
    delayMs: ms('delaySeconds'),
    graceMs: ms('gracePeriodSeconds'),
    intervalMs: ms('intervalSeconds'),
    timeoutMs: ms('timeoutSeconds'),
    maxConsecutiveFailures: numberOf(check['maxConsecutiveFailures']),
  };
}

function unreachableOf(strategy: unknown): AppSpec['unreachable'] {
  if (strategy === 'disabled') return undefined;
  const { inactiveAfterSeconds, expungeAfterSeconds } = objectOf(strategy);
  return {
    inactiveMs: numberOf(inactiveAfterSeconds) * 1000,
    expungeMs: numberOf(expungeAfterSeconds) * 1000,
  };
}

function compile(json: Json): AppSpec {
  const strategy = objectOf(json['upgradeStrategy']);
  const { cmd, args, user, taskKillGracePeriodSeconds: grace } = json;
  return {
    id: String(json['id']),
    json,
    ...(typeof cmd === 'string' ? { cmd } : {}),
    ...(Array.isArray(args) ? { args: args.map(String) } : {}),
    ...(typeof user === 'string' ? { user } : {}),
    ...(typeof grace === 'number' ? { killGraceMs: grace * 1000 } : {}),
    instances: numberOf(json['instances']),
    cpus: numberOf(json['cpus']),
    mem: numberOf(json['mem']),
    disk: numberOf(json['disk']),
    gpus: numberOf(json['gpus']),
    env: texts(json['env']),
    labels: texts(json['labels']),
    network: networkOf(json),
    ports: portsOf(json),
    requirePorts: json['requirePorts'] === true,
    healthChecks: objectsOf(json['healthChecks']).map(healthCheckOf),
    constraints: (json['constraints'] as readonly (readonly unknown[])[]).map(([field, operator, value]) => ({
      field: String(field),
      operator: operator as ConstraintSpec['operator'],
      value: String(value ?? ''),
    })),
    backoffMs: numberOf(json['backoffSeconds']) * 1000,
    backoffFactor: numberOf(json['backoffFactor']),
    maxLaunchDelayMs: numberOf(json['maxLaunchDelaySeconds']) * 1000,
    killsOldestFirst: json['killSelection'] === 'OLDEST_FIRST',
    minimumHealthCapacity: numberOf(strategy['minimumHealthCapacity']),
    maximumOverCapacity: numberOf(strategy['maximumOverCapacity']),
    unreachable: unreachableOf(json['unreachableStrategy']),
  };
}

/** Secrets stand there as objects, and are left out. */
function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
