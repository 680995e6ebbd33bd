import type { HttpAnswer } from '../../http/answer.ts';
import type { AppSpec, Json } from '../app-spec.ts';
import { deploy, type Change } from '../deploy.ts';
import { findApp, type AppRecord, type Deployment, type MarathonState } from '../marathon-state.ts';
import type { ApiCall } from '../messages.ts';
import { absoluteId, readApp } from '../read-app.ts';
import { readLabelSelector, type LabelSelector } from './label-selector.ts';
import { embedsOf, renderApp } from './render-app.ts';
import { failure, invalid, locked, noSuchApp, notAllowed, reply } from './replies.ts';

/** Which app a request is about, and what of it. */
interface AppTarget {
  readonly id: string;
  readonly word?: string | undefined;
  readonly last?: string | undefined;
}

type Read<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'refused'; readonly answer: HttpAnswer };

/** `/v2/apps` */
export function answerApps(state: MarathonState, call: ApiCall): HttpAnswer {
  switch (call.method) {
    case 'GET':
      return listApps(state, call.query, () => true);
    case 'POST':
      return createApp(state, call);
    case 'PUT':
    case 'PATCH':
      return changeApps(state, call);
    default:
      return notAllowed(call.method);
  }
}

/** `/v2/apps/{id}`, `…/restart`, `…/versions`, `…/versions/{version}` */
export function answerApp(state: MarathonState, call: ApiCall, target: AppTarget): HttpAnswer {
  const { id, word, last } = target;
  if (id.endsWith('/*') && call.method === 'GET')
    return listApps(state, call.query, (each) => each.id.startsWith(id.slice(0, -1)));
  if (call.method === 'PUT' && word === undefined) return changeApp(state, call, id);
  const record = findApp(state, id);
  if (!record) return noSuchApp(id);
  if (word === 'restart') {
    if (call.method !== 'POST') return notAllowed(call.method);
    return deployAll(state, call.query, [{ kind: 'restart', id }]);
  }
  if (word === 'versions') {
    if (call.method !== 'GET') return notAllowed(call.method);
    return last === undefined
      ? reply(200, { versions: [...record.versions.keys()].toReversed() })
      : showVersion(record, last);
  }
  switch (call.method) {
    case 'GET':
      // The one app comes with its tasks, asked for or not.
      return reply(200, { app: renderApp(state, record, { tasks: true, lastTaskFailure: true }) });
    case 'PATCH':
      return changeApp(state, call, id);
    case 'DELETE':
      return deployAll(state, call.query, [{ kind: 'remove', id }]);
    default:
      return notAllowed(call.method);
  }
}

/** What every change of a deployment answers. */
export function deployAll(
  state: MarathonState,
  query: URLSearchParams,
  changes: readonly Change[],
): HttpAnswer {
  const done = deploy(state, changes, { force: query.get('force') === 'true' });
  return done.kind === 'locked' ? locked(done.deployments) : accepted(200, done.deployment);
}

function accepted(status: number, { id, version }: Deployment): HttpAnswer {
  return reply(status, { version, deploymentId: id }, [['Marathon-Deployment-Id', id]]);
}

function showVersion(record: AppRecord, version: string): HttpAnswer {
  const app = record.versions.get(version);
  return app
    ? reply(200, { ...app.json, version })
    : failure(404, `App '${record.id}' does not exist in version ${version}`);
}

function listApps(
  state: MarathonState,
  query: URLSearchParams,
  isMeant: (record: AppRecord) => boolean,
): HttpAnswer {
  const label = query.get('label');
  const selector: LabelSelector | undefined = label === null ? () => true : readLabelSelector(label);
  if (!selector)
    return failure(400, `The label selector ${label} can't be read: write name==value, name in (a, b), …`);
  const [id, cmd] = [query.get('id') ?? '', query.get('cmd') ?? ''];
  const apps = [...state.apps.values()].filter(
    (record) =>
      !record.isRemoved &&
      isMeant(record) &&
      selector(record.app.labels) &&
      record.id.toLowerCase().includes(id.toLowerCase()) &&
      (record.app.cmd ?? '').toLowerCase().includes(cmd.toLowerCase()),
  );
  const embeds = embedsOf(query);
  return reply(200, { apps: apps.map((record) => renderApp(state, record, embeds)) });
}

function createApp(state: MarathonState, call: ApiCall): HttpAnswer {
  const body = readObject(call.body);
  if (body.kind === 'refused') return body.answer;
  const read = readDefinition(state, body.value);
  if (read.kind === 'refused') return read.answer;
  const { id } = read.value;
  if (findApp(state, id)) return failure(409, `An app with id [${id}] already exists.`);
  const done = deploy(state, [{ kind: 'set', app: read.value }], {
    force: call.query.get('force') === 'true',
  });
  if (done.kind === 'locked') return locked(done.deployments);
  const record = findApp(state, id);
  if (!record) return noSuchApp(id);
  const headers = [
    ['Location', `http://${state.settings.address}/v2/apps${id}`],
    ['Marathon-Deployment-Id', done.deployment.id],
  ] as const;
  return reply(201, renderApp(state, record, { tasks: true, lastTaskFailure: false }), headers);
}

function changeApp(state: MarathonState, call: ApiCall, id: string): HttpAnswer {
  const body = readObject(call.body);
  if (body.kind === 'refused') return body.answer;
  const existed = findApp(state, id) !== undefined;
  const read = readUpdate(state, { ...body.value, id }, call);
  if (read.kind === 'refused') return read.answer;
  const done = deploy(state, [{ kind: 'set', app: read.value }], {
    force: call.query.get('force') === 'true',
  });
  if (done.kind === 'locked') return locked(done.deployments);
  return accepted(existed ? 200 : 201, done.deployment);
}

function changeApps(state: MarathonState, call: ApiCall): HttpAnswer {
  const body = parse(call.body);
  if (!Array.isArray(body)) return invalid(400, [{ path: '/', errors: ['error.expected.jsarray'] }]);
  const changes: Change[] = [];
  for (const each of body as unknown[]) {
    const id = isObject(each) && typeof each['id'] === 'string' ? absoluteId(each['id']) : '';
    const read = readUpdate(state, { ...(isObject(each) ? each : {}), id }, call);
    if (read.kind === 'refused') return read.answer;
    changes.push({ kind: 'set', app: read.value });
  }
  return deployAll(state, call.query, changes);
}

/** A change names what is new, unless it asks for `partialUpdate=false`: then it is the whole definition. */
function readUpdate(
  state: MarathonState,
  given: Json & { readonly id: string },
  call: ApiCall,
): Read<AppSpec> {
  const record = findApp(state, given.id);
  if (!record && call.method === 'PATCH') return { kind: 'refused', answer: noSuchApp(given.id) };
  const isWhole = call.query.get('partialUpdate') === 'false';
  if (!record || isWhole) return readDefinition(state, given);
  const { version } = given;
  const base = typeof version === 'string' ? record.versions.get(version) : record.app;
  // Of the two ways to say what to run, the new one replaces the old.
  const { cmd: _cmd, args: _args, ...rest } = base?.json ?? record.app.json;
  const runs = given['cmd'] !== undefined || given['args'] !== undefined;
  return readDefinition(state, { ...(runs ? rest : (base ?? record.app).json), ...given });
}

function readDefinition(state: MarathonState, given: Json): Read<AppSpec> {
  const read = readApp(given, state.random);
  return read.kind === 'app'
    ? { kind: 'read', value: read.app }
    : { kind: 'refused', answer: invalid(read.status, read.problems) };
}

function readObject(body: string): Read<Json> {
  const value = parse(body);
  if (isObject(value)) return { kind: 'read', value };
  return { kind: 'refused', answer: invalid(400, [{ path: '/', errors: ['error.expected.jsobject'] }]) };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Refused as no object and no list.
    return undefined;
  }
}
