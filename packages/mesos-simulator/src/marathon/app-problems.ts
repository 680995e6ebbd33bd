import type { Json } from './app-spec.ts';
import { objectOf, objectsOf } from './json-fields.ts';

/** What is wrong at a place of a definition, in Marathon's words. */
export interface AppProblem {
  readonly path: string;
  readonly errors: readonly string[];
}

/** 400: a value of another type; 422: a value that can't be. */
export interface AppProblems {
  readonly status: 400 | 422;
  readonly problems: readonly AppProblem[];
}

type Type = 'number' | 'string' | 'boolean' | 'array' | 'object';

const types: Readonly<Record<string, Type>> = {
  id: 'string',
  cmd: 'string',
  args: 'array',
  user: 'string',
  instances: 'number',
  cpus: 'number',
  mem: 'number',
  disk: 'number',
  gpus: 'number',
  env: 'object',
  labels: 'object',
  networks: 'array',
  ports: 'array',
  portDefinitions: 'array',
  requirePorts: 'boolean',
  container: 'object',
  fetch: 'array',
  healthChecks: 'array',
  constraints: 'array',
  backoffSeconds: 'number',
  backoffFactor: 'number',
  maxLaunchDelaySeconds: 'number',
  taskKillGracePeriodSeconds: 'number',
  upgradeStrategy: 'object',
};

const words: Readonly<Record<Type, string>> = {
  number: 'error.expected.jsnumber',
  string: 'error.expected.jsstring',
  boolean: 'error.expected.jsboolean',
  array: 'error.expected.jsarray',
  object: 'error.expected.jsobject',
};

const amounts = ['instances', 'cpus', 'mem', 'disk', 'gpus', 'backoffSeconds', 'maxLaunchDelaySeconds'];
const protocols = ['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'];
const operators = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS'];
const segment = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$/;

/** Undefined: the definition can be run. */
export function appProblems(app: Json): AppProblems | undefined {
  const wrongTypes = Object.entries(types).flatMap(([name, type]) => {
    const value = app[name];
    return value === undefined || typeOf(value) === type ? [] : [{ path: `/${name}`, errors: [words[type]] }];
  });
  if (wrongTypes.length > 0) return { status: 400, problems: wrongTypes };
  const problems = [
    ...idProblems(app['id']),
    ...commandProblems(app),
    ...amounts.flatMap((name) => below(app[name], 0, `/${name}`)),
    ...below(app['backoffFactor'], 1, '/backoffFactor'),
    ...wholeProblems(app),
    ...objectsOf(app['healthChecks']).flatMap((check, index) => checkProblems(app, check, index)),
    ...mesosCheckProblems(app),
    ...listOf(app['constraints']).flatMap((each, index) => constraintProblems(each, index)),
    ...strategyProblems(app['upgradeStrategy']),
  ];
  return problems.length > 0 ? { status: 422, problems } : undefined;
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function problem(path: string, error: string): AppProblem[] {
  return [{ path, errors: [error] }];
}

function idProblems(id: unknown): AppProblem[] {
  const parts = typeof id === 'string' ? id.split('/').filter(Boolean) : [];
  if (parts.length === 0) return problem('/id', 'must not be empty');
  return parts.every((part) => segment.test(part))
    ? []
    : problem('/id', `must fully match regular expression '${segment.source}'`);
}

function commandProblems({ cmd, args, container }: Json): AppProblem[] {
  if (cmd !== undefined && args !== undefined)
    return problem('/', "AppDefinition must not contain both 'cmd' and 'args'.");
  if (cmd !== undefined || args !== undefined || objectOf(container)['docker'] !== undefined) return [];
  return problem('/', "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.");
}

function below(value: unknown, least: number, path: string): AppProblem[] {
  return typeof value === 'number' && value < least
    ? problem(path, `error.min: must be greater than or equal to ${least}`)
    : [];
}

function wholeProblems({ instances }: Json): AppProblem[] {
  return typeof instances === 'number' && !Number.isInteger(instances)
    ? problem('/instances', 'error.expected.jsnumber: must be an integer')
    : [];
}

function portCount(app: Json): number {
  const container = objectOf(app['container']);
  const docker = objectOf(container['docker']);
  const mappings = container['portMappings'] ?? docker['portMappings'];
  const [network = {}] = objectsOf(app['networks']);
  if (network['mode'] === undefined || network['mode'] === 'host')
    return Array.isArray(mappings)
      ? mappings.length
      : listOf(app['portDefinitions'] ?? app['ports'] ?? [0]).length;
  return listOf(mappings).length;
}

function checkProblems(app: Json, check: Json, index: number): AppProblem[] {
  const path = `/healthChecks(${index})`;
  const { protocol = 'HTTP', portIndex = 0, port } = check;
  if (!protocols.includes(String(protocol)))
    return problem(`${path}/protocol`, `error.unknown.enum: must be one of ${protocols.join(', ')}`);
  if (protocol === 'COMMAND')
    return typeof objectOf(check['command'])['value'] === 'string'
      ? []
      : problem(`${path}/command`, 'must not be empty');
  const interval = below(check['intervalSeconds'], 1, `${path}/intervalSeconds`);
  if (port !== undefined || Number(portIndex) < portCount(app)) return interval;
  return [
    ...interval,
    ...problem(
      path,
      'Health check port indices must address an element of the ports array or container port mappings.',
    ),
  ];
}

function mesosCheckProblems(app: Json): AppProblem[] {
  const byMesos = objectsOf(app['healthChecks']).filter(({ protocol }) =>
    /^(MESOS_|COMMAND)/.test(String(protocol)),
  );
  return byMesos.length > 1
    ? problem('/healthChecks', 'AppDefinition can contain at most one Mesos health check')
    : [];
}

function constraintProblems(given: unknown, index: number): AppProblem[] {
  const path = `/constraints(${index})`;
  const [field, operator, value] = listOf(given);
  if (typeof field !== 'string' || typeof operator !== 'string' || !operators.includes(operator))
    return problem(
      path,
      `Constraint must be [field, operator, value]; operators are ${operators.join(', ')}`,
    );
  if (operator === 'LIKE' || operator === 'UNLIKE') {
    try {
      new RegExp(String(value ?? ''));
    } catch {
      return problem(path, `'${String(value)}' is not a valid regular expression`);
    }
  }
  return /^(LIKE|UNLIKE|MAX_PER|IS)$/.test(operator) && value === undefined
    ? problem(path, `The operator ${operator} needs a value`)
    : [];
}

function strategyProblems(given: unknown): AppProblem[] {
  const strategy = objectOf(given);
  return ['minimumHealthCapacity', 'maximumOverCapacity'].flatMap((name) => {
    const value = strategy[name];
    return value === undefined || (typeof value === 'number' && value >= 0 && value <= 1)
      ? []
      : problem(`/upgradeStrategy/${name}`, 'must be between 0.0 and 1.0');
  });
}
