import { isReady, type Instance } from '../instance.ts';
import type { Json } from '../app-spec.ts';
import { deploymentsOf, instancesOf, type AppRecord, type MarathonState } from '../marathon-state.ts';

/** What an answer holds of each app besides its definition. */
export interface Embeds {
  readonly tasks: boolean;
  readonly lastTaskFailure: boolean;
}

/** Reads `embed=app.tasks` or `embed=apps.tasks`: either prefix will do, what is unknown is left out. */
export function embedsOf(query: URLSearchParams): Embeds {
  const names = new Set(query.getAll('embed').map((name) => name.replace(/^apps?\./, '')));
  const failures = names.has('failures');
  return {
    tasks: names.has('tasks') || failures,
    lastTaskFailure: names.has('lastTaskFailure') || failures,
  };
}

/** Counts and deployments always come with an app: Marathon calls that deprecated, and does it. */
export function renderApp(state: MarathonState, record: AppRecord, embeds: Embeds): Json {
  const { app, version, lastScalingAt, lastConfigChangeAt, lastTaskFailure } = record;
  const instances = instancesOf(state, record.id);
  return {
    ...app.json,
    instances: app.instances,
    version,
    versionInfo: { lastScalingAt, lastConfigChangeAt },
    ...countsOf(instances),
    deployments: deploymentsOf(state, record.id).map(({ id }) => ({ id })),
    ...(embeds.tasks ? { tasks: instances.map(renderTask) } : {}),
    ...(embeds.lastTaskFailure && lastTaskFailure ? { lastTaskFailure } : {}),
  };
}

function countsOf(instances: readonly Instance[]): Json {
  const running = instances.filter(({ state }) => state === 'TASK_RUNNING');
  const checked = running.filter(({ health }) => health.length > 0);
  return {
    tasksStaged: instances.filter(({ state }) => state === 'TASK_STAGING' || state === 'TASK_STARTING')
      .length,
    tasksRunning: running.length,
    tasksHealthy: checked.filter(isReady).length,
    tasksUnhealthy: checked.filter(({ health }) => health.some(isBad)).length,
  };
}

function isBad({ alive, lastFailure }: Instance['health'][number]): boolean {
  return !alive && lastFailure !== null;
}

/** A task as Marathon's own clients read it. Results stand there as soon as there is one. */
export function renderTask(instance: Instance): Json {
  const { app, taskId, agentId, host, ports, state, ipAddresses, stagedAt, startedAt, version } = instance;
  const results = instance.health.filter(({ lastSuccess, lastFailure }) => lastSuccess ?? lastFailure);
  return {
    id: taskId,
    appId: app.id,
    slaveId: agentId,
    host,
    state,
    stagedAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    version,
    ports,
    servicePorts: app.ports.map(({ servicePort }) => servicePort),
    ipAddresses,
    localVolumes: [],
    ...(instance.region === undefined ? {} : { region: instance.region }),
    ...(instance.zone === undefined ? {} : { zone: instance.zone }),
    ...(results.length === 0
      ? {}
      : { healthCheckResults: results.map((health) => renderHealth(instance, health)) }),
  };
}

function renderHealth({ instanceId }: Instance, health: Instance['health'][number]): Json {
  const { alive, consecutiveFailures, firstSuccess, lastSuccess, lastFailure, lastFailureCause } = health;
  return {
    alive,
    consecutiveFailures,
    firstSuccess,
    instanceId,
    lastFailure,
    lastFailureCause,
    lastSuccess,
  };
}
