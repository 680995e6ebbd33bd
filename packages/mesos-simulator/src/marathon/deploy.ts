import { newUuid } from '../base/uuid.ts';
import type { AppSpec } from './app-spec.ts';
import { noBackOff } from './back-off.ts';
import {
  deploymentsOf,
  findApp,
  newVersion,
  type Deployment,
  type DeploymentAction,
  type MarathonState,
} from './marathon-state.ts';

/** What is to become of an app: a definition, an end, or the same once more. */
export type Change =
  | { readonly kind: 'set'; readonly app: AppSpec }
  | { readonly kind: 'restart'; readonly id: string }
  | { readonly kind: 'remove'; readonly id: string };

export type Deployed =
  | { readonly kind: 'deployed'; readonly deployment: Deployment }
  /** Other deployments are under way; `force` would have ended them. */
  | { readonly kind: 'locked'; readonly deployments: readonly string[] };

/** Begins a deployment of all these changes at once. */
export function deploy(
  state: MarathonState,
  changes: readonly Change[],
  { force }: { readonly force: boolean },
): Deployed {
  const ids = changes.map((change) => (change.kind === 'set' ? change.app.id : change.id));
  const locks = [...new Set(ids.flatMap((id) => deploymentsOf(state, id)).map(({ id }) => id))];
  if (locks.length > 0 && !force) return { kind: 'locked', deployments: locks };
  for (const id of locks) state.deployments.delete(id);
  const version = newVersion(state);
  const before = new Map(ids.map((id) => [id, findApp(state, id)?.app]));
  const actions = new Map(
    changes.map((change, index) => [ids[index] ?? '', makeChange(state, change, version)] as const),
  );
  const deployment = { id: newUuid(state.random), version, actions, before };
  state.deployments.set(deployment.id, deployment);
  return { kind: 'deployed', deployment };
}

/** Goes back to what was before a deployment, by a new one. */
export function rollBack(state: MarathonState, { before }: Deployment): Deployed {
  const changes = [...before].flatMap(([id, app]): Change[] => {
    if (app !== undefined) return [{ kind: 'set', app }];
    return findApp(state, id) ? [{ kind: 'remove', id }] : [];
  });
  return deploy(state, changes, { force: true });
}

function makeChange(state: MarathonState, change: Change, version: string): DeploymentAction {
  switch (change.kind) {
    case 'set':
      return setApp(state, change.app, version);
    case 'restart': {
      const record = state.apps.get(change.id);
      if (record) {
        record.version = version;
        record.lastConfigChangeAt = version;
        record.versions.set(version, record.app);
        record.backOff = noBackOff;
      }
      return 'RestartApplication';
    }
    case 'remove': {
      const record = state.apps.get(change.id);
      if (record) record.isRemoved = true;
      return 'StopApplication';
    }
  }
}

function setApp(state: MarathonState, app: AppSpec, version: string): DeploymentAction {
  const record = state.apps.get(app.id);
  if (record === undefined) {
    state.apps.set(app.id, {
      id: app.id,
      app,
      version,
      lastScalingAt: version,
      lastConfigChangeAt: version,
      versions: new Map([[version, app]]),
      isRemoved: false,
      backOff: noBackOff,
      wanted: 0,
      isSettled: false,
    });
    return 'StartApplication';
  }
  const isScaled = sameButForInstances(record.app, app) && !record.isRemoved;
  record.app = app;
  record.version = version;
  record.lastScalingAt = version;
  record.isRemoved = false;
  record.backOff = noBackOff;
  record.versions.set(version, app);
  if (isScaled) return 'ScaleApplication';
  record.lastConfigChangeAt = version;
  return 'RestartApplication';
}

function sameButForInstances(one: AppSpec, other: AppSpec): boolean {
  return canonical({ ...one.json, instances: 0 }) === canonical({ ...other.json, instances: 0 });
}

/** The order of an object's fields means nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
