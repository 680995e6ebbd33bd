import { readApis } from '../../client/api-answers.ts';
import { callApiGateway } from '../../client/api-gateway.ts';
import { CliError } from '../../cli-error.ts';
import { expectJson } from '../../client/read-reply.ts';
import { entityRoute, type WhiskClient } from '../../client/whisk-client.ts';
import { baseUrlText, requireApiHost, requireAuth, type Settings } from '../../config/settings.ts';
import { jsonMembers, jsonObject, readKeyValues } from '../../values/json-text.ts';
import { urlPath } from '../../values/qualified-name.ts';
import type { Entity } from '../entity.ts';
import { ownName, type OwnNamespace } from './entity-of-document.ts';

const verbs = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

function text(json: string | undefined): string {
  return json?.startsWith('"') ? String(JSON.parse(json)) : '';
}

function members(json: string | undefined): ReadonlyMap<string, string> {
  return json?.startsWith('{') ? jsonMembers(json) : new Map();
}

function endpoint(
  swagger: ReadonlyMap<string, string>,
  place: { path: string; verb: string; operation: string },
  own: OwnNamespace,
): Entity {
  const basePath = text(swagger.get('basePath')) || '/';
  const backend = members(members(place.operation).get('x-openwhisk'));
  const packageName = text(backend.get('package'));
  const parts = [
    text(backend.get('namespace')),
    ...(packageName === 'default' ? [] : [packageName]),
    text(backend.get('action')),
  ];
  const method = place.verb.toUpperCase();
  const fields: [string, string][] = [
    ['action', ownName(`/${parts.join('/')}`, own)],
    ['base-path', basePath],
    ['path', place.path],
    ['method', method],
    ['response', /\.([a-z]+)$/.exec(text(backend.get('url')))?.[1] ?? 'http'],
    ['api-name', text(members(swagger.get('info')).get('title'))],
  ];
  return {
    collection: 'apis',
    name: `${method} ${basePath === '/' ? '' : basePath}${place.path}`,
    fields: new Map(fields.map(([name, value]) => [name, JSON.stringify(value)])),
  };
}

/** The endpoints that an API's Swagger document has. */
function endpointsOf(swagger: ReadonlyMap<string, string>, own: OwnNamespace): Entity[] {
  return Array.from(members(swagger.get('paths')), ([path, operations]) =>
    Array.from(members(operations))
      .filter(([verb]) => verbs.includes(verb))
      .map(([verb, operation]) => endpoint(swagger, { path, verb, operation }, own)),
  ).flat();
}

/** Every endpoint of every API of the caller. */
export async function fetchApis(
  client: WhiskClient,
  { settings, ...own }: OwnNamespace & { readonly settings: Settings },
): Promise<Entity[]> {
  const apis = readApis(await callApiGateway(client, settings, { action: 'getApi', query: {} }));
  return apis.flatMap(({ document }) => endpointsOf(members(document), own));
}

interface ApiCall {
  readonly client: WhiskClient;
  readonly settings: Settings;
}

function backendUrl(settings: Settings, action: readonly string[]): string {
  const [namespace = '_', ...rest] = action;
  const path = rest.length === 1 ? ['default', ...rest] : rest;
  const host = baseUrlText(requireApiHost(settings));
  return `${host}/api/${settings.apiVersion}/web/${urlPath([namespace, ...path].join('/'))}.http`;
}

/** What protects the action, so that the gateway can call it. Throws where the action is no web action. */
async function secretOf(client: WhiskClient, action: string): Promise<string | undefined> {
  const [namespace = '_', ...rest] = action.slice(1).split('/');
  const reply = await client.send({
    method: 'GET',
    route: entityRoute('actions', { namespace, entity: rest.join('/') }),
    query: { code: false },
  });
  const annotations = readKeyValues(members(expectJson(reply)).get('annotations'));
  if (annotations.get('web-export') === 'true') return annotations.get('require-whisk-auth');
  throw new CliError(`Action '${action}' is not a web action.`, {
    hints: [`Convert it to a web action with: wsk action update ${action} --web true`],
  });
}

/** Creates an endpoint, or puts it in place of the one that is there. */
export async function createEndpoint({ client, settings }: ApiCall, api: Entity): Promise<void> {
  const field = (name: string): string => text(api.fields.get(name));
  const auth = requireAuth(settings);
  const parts = field('action').slice(1).split('/');
  const secret = await secretOf(client, field('action'));
  const secureKey = secret === undefined || secret === 'false' || secret === 'true' ? undefined : secret;
  const parameters = [...field('path').matchAll(/\{([^{}]+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    type: 'string',
    description: `Default description for '${name}'`,
  }));
  const apidoc = jsonObject([
    ['namespace', '"_"'],
    ['gatewayBasePath', api.fields.get('base-path')],
    ['gatewayPath', api.fields.get('path')],
    ['gatewayMethod', api.fields.get('method')],
    ['id', JSON.stringify(`API:_:${field('base-path')}`)],
    ['apiName', field('api-name') === '' ? undefined : api.fields.get('api-name')],
    ['pathParameters', parameters.length === 0 ? undefined : JSON.stringify(parameters)],
    [
      'action',
      jsonObject([
        ['name', JSON.stringify(parts.slice(1).join('/'))],
        ['namespace', JSON.stringify(parts[0])],
        ['backendMethod', api.fields.get('method')],
        ['backendUrl', JSON.stringify(backendUrl(settings, parts))],
        ['authkey', JSON.stringify(auth)],
        ['secureKey', secureKey?.startsWith('"') ? secureKey : secureKey && JSON.stringify(secureKey)],
      ]),
    ],
  ]);
  const query = { responsetype: field('response') };
  await callApiGateway(client, settings, { action: 'createApi', query, body: `{"apidoc":${apidoc}}` });
}

/** Deletes one endpoint; the API goes with its last one. */
export async function deleteEndpoint({ client, settings }: ApiCall, api: Entity): Promise<void> {
  const field = (name: string): string => text(api.fields.get(name));
  const query = {
    basepath: field('base-path'),
    relpath: field('path'),
    operation: field('method').toLowerCase(),
  };
  await callApiGateway(client, settings, { action: 'deleteApi', query });
}
