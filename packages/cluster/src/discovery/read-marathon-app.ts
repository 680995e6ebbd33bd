import type { MarathonApp, MarathonTask, PortDefinition } from './marathon-app.ts';

type Shape = Readonly<Record<string, unknown>>;

/** Keeps what has the right type of what Marathon, or something that passes for it, has sent. Never throws. */
export function readMarathonApp(value: unknown): MarathonApp | undefined {
  const app = objectOf(value);
  if (!app || typeof app['id'] !== 'string') return undefined;
  const container = objectOf(app['container']);
  const docker = objectOf(container?.['docker']);
  const network = docker?.['network'];
  const instances = app['instances'];
  return {
    id: app['id'],
    healthChecks: listOf(app['healthChecks']),
    tasks: objectsOf(app['tasks']).map(readTask),
    ...(Number.isSafeInteger(instances) && { instances: Number(instances) }),
    ...(app['networks'] !== undefined && {
      networks: objectsOf(app['networks']).map(({ mode }) => (typeof mode === 'string' ? { mode } : {})),
    }),
    ...(objectOf(app['ipAddress']) && { ipAddress: app['ipAddress'] }),
    ...(Array.isArray(app['portDefinitions']) && { portDefinitions: portsOf(app['portDefinitions']) }),
    container: {
      ...(Array.isArray(container?.['portMappings']) && { portMappings: portsOf(container['portMappings']) }),
      docker: {
        ...(typeof network === 'string' && { network }),
        ...(Array.isArray(docker?.['portMappings']) && { portMappings: portsOf(docker['portMappings']) }),
      },
    },
  };
}

function readTask({ id, state, host, ports, ipAddresses, healthCheckResults }: Shape): MarathonTask {
  return {
    ...(typeof id === 'string' && { id }),
    ...(typeof state === 'string' && { state }),
    ...(typeof host === 'string' && { host }),
    ports: listOf(ports).filter((port) => typeof port === 'number'),
    ipAddresses: objectsOf(ipAddresses).map(({ ipAddress }) =>
      typeof ipAddress === 'string' ? { ipAddress } : {},
    ),
    ...(Array.isArray(healthCheckResults) && {
      healthCheckResults: healthCheckResults.map((result) => ({
        alive: objectOf(result)?.['alive'] === true,
      })),
    }),
  };
}

function portsOf(value: unknown): readonly PortDefinition[] {
  return objectsOf(value).map(({ name, containerPort, hostPort }) => ({
    ...(typeof name === 'string' && { name }),
    ...(typeof containerPort === 'number' && { containerPort }),
    ...((typeof hostPort === 'number' || hostPort === null) && { hostPort }),
  }));
}

function objectOf(value: unknown): Shape | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Shape) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectsOf(value: unknown): readonly Shape[] {
  return listOf(value).map((item) => objectOf(item) ?? {});
}
