import type { Json, JsonObject } from '@vibrissa/protocol';
import {
  SYSTEM_NAMESPACE,
  type BuiltInAction,
  type BuiltInCall,
} from '../controller/invocation/built-in-action.ts';
import { isObject, memberOf, textMember, type ApiDocument } from './api-document.ts';
import type { ApiKeys } from './api-keys.ts';
import { basePathOf, type ApiStore } from './api-store.ts';
import { compileApi } from './compile-api.ts';
import { baseDocument, withEndpoint, withoutEndpoint } from './edit-document.ts';
import { GatewayProblem } from './gateway-problem.ts';
import type { PublicUrl } from './public-url.ts';
import { readApidoc, type CreateRequest } from './read-apidoc.ts';

export interface ManageApisDeps {
  readonly apis: ApiStore;
  readonly keys: Pick<ApiKeys, 'revokeAll'>;
  readonly publicUrl: PublicUrl;
}

interface Caller {
  readonly namespace: string;
  readonly url: string;
}

const UNUSED = 'Not Used';

/**
 * Who asks. Only the platform's own web route speaks for others, in `__ow_user`: who invokes the action by its name could
 * write there what he likes, and asks for himself.
 */
function namespaceOf({ identity, params }: BuiltInCall): string | undefined {
  const own = identity.namespace.name;
  return own === SYSTEM_NAMESPACE ? textMember(params, '__ow_user') : own;
}

function shown(document: ApiDocument, { namespace, url }: Caller): JsonObject {
  const basePath = basePathOf(document);
  return {
    namespace: UNUSED,
    gwApiActivated: true,
    tenantId: UNUSED,
    gwApiUrl: `${url}/api/${encodeURIComponent(namespace)}${basePath === '/' ? '' : basePath}`,
    apidoc: document,
  };
}

/** The API that an endpoint goes to: a name stands for one that exists. */
async function placeOf(
  apis: ApiStore,
  namespace: string,
  request: Exclude<CreateRequest, { kind: 'document' }>,
): Promise<string> {
  if (request.basePath.startsWith('/')) return request.basePath;
  const [named] = await apis.find(namespace, request.basePath);
  if (!named) throw new GatewayProblem(`API '${request.basePath}' does not exist.`);
  return basePathOf(named);
}

function checked(document: ApiDocument): ApiDocument {
  compileApi(document);
  return document;
}

async function create({ apis }: ManageApisDeps, caller: Caller, request: CreateRequest): Promise<JsonObject> {
  const { namespace } = caller;
  if (/^v\d+$/.test(namespace)) {
    throw new GatewayProblem(`the addresses under /api/${namespace} belong to the platform's own API.`);
  }
  if (request.kind === 'document') {
    const document = checked(request.document);
    await apis.change(namespace, basePathOf(document), () => document);
    return shown(document, caller);
  }
  const { endpoint, title } = request;
  const basePath = await placeOf(apis, namespace, request);
  const edited = await apis.change(namespace, basePath, (document) =>
    checked(withEndpoint(document ?? baseDocument(basePath, title), endpoint)),
  );
  return shown(edited ?? {}, caller);
}

async function createApi(deps: ManageApisDeps, caller: Caller, params: JsonObject): Promise<JsonObject> {
  const responseType = textMember(params, 'responsetype') || 'json';
  const request = readApidoc(memberOf(params, 'apidoc'), { namespace: caller.namespace, responseType });
  try {
    return await create(deps, caller, request);
  } catch (error) {
    throw prefixed('API creation failure', error);
  }
}

function prefixed(what: string, error: unknown): unknown {
  return error instanceof GatewayProblem ? new GatewayProblem(`${what}: ${error.message}`) : error;
}

function countOf(params: JsonObject, name: string): number {
  const value = memberOf(params, name) ?? 0;
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw new GatewayProblem(`${name} has to be a whole number.`);
}

function pathsOf(document: ApiDocument): [string, Json][] {
  const paths = memberOf(document, 'paths');
  return isObject(paths) ? Object.entries(paths) : [];
}

/** The API with only the paths and methods that were asked for; undefined when it has none of them. */
function filtered(
  document: ApiDocument,
  { path, verb }: { readonly path: string; readonly verb: string },
): ApiDocument | undefined {
  const paths: [string, Json][] = [];
  for (const [name, item] of pathsOf(document)) {
    if ((path !== '' && name !== path) || !isObject(item)) continue;
    const operation = memberOf(item, verb);
    if (verb === '') paths.push([name, item]);
    else if (operation !== undefined) paths.push([name, { [verb]: operation }]);
  }
  return paths.length === 0 ? undefined : { ...document, paths: Object.fromEntries(paths) };
}

async function getApi({ apis }: ManageApisDeps, caller: Caller, params: JsonObject): Promise<JsonObject> {
  const wanted = textMember(params, 'basepath') ?? '';
  const path = textMember(params, 'relpath') ?? '';
  const verb = (textMember(params, 'operation') ?? '').toLowerCase();
  const [skip, limit] = [countOf(params, 'skip'), countOf(params, 'limit')];
  const documents =
    wanted === '' ? await apis.list(caller.namespace) : await apis.find(caller.namespace, wanted);
  const found =
    path === '' && verb === ''
      ? documents
      : documents.map((document) => filtered(document, { path, verb })).filter((one) => one !== undefined);
  const page = found.slice(skip, limit === 0 ? undefined : skip + limit);
  return { apis: page.map((document) => ({ id: UNUSED, key: UNUSED, value: shown(document, caller) })) };
}

async function remove(
  { apis, keys }: ManageApisDeps,
  { namespace }: Caller,
  wish: { readonly api: string; readonly path: string; readonly verb: string },
): Promise<void> {
  const [found] = await apis.find(namespace, wish.api);
  if (!found) throw new GatewayProblem(`API '${wish.api}' does not exist.`);
  const basePath = basePathOf(found);
  const left = await apis.change(namespace, basePath, (document) => {
    if (!document) throw new GatewayProblem(`API '${wish.api}' does not exist.`);
    if (wish.path === '') return undefined;
    return withoutEndpoint(document, { path: wish.path, ...(wish.verb !== '' && { verb: wish.verb }) });
  });
  if (left === undefined) await keys.revokeAll(namespace, basePath);
}

async function deleteApi(deps: ManageApisDeps, caller: Caller, params: JsonObject): Promise<JsonObject> {
  const api = textMember(params, 'basepath') ?? '';
  const path = textMember(params, 'relpath') ?? '';
  const verb = (textMember(params, 'operation') ?? '').toLowerCase();
  if (api === '') throw new GatewayProblem('basepath is required.');
  if (path === '' && verb !== '') {
    throw new GatewayProblem('When specifying an operation, the path is required.');
  }
  try {
    await remove(deps, caller, { api, path, verb });
    return {};
  } catch (error) {
    throw prefixed('API deletion failure', error);
  }
}

type Manage = (deps: ManageApisDeps, caller: Caller, params: JsonObject) => Promise<JsonObject>;

function response(statusCode: number, body: JsonObject): JsonObject {
  return { statusCode, headers: { 'Content-Type': 'application/json' }, body };
}

function actionOf(
  deps: ManageApisDeps,
  name: string,
  { manage, unauthenticated }: { readonly manage: Manage; readonly unauthenticated: string },
): BuiltInAction {
  const answer = async (call: BuiltInCall): Promise<JsonObject> => {
    const namespace = namespaceOf(call);
    if (namespace === undefined) throw new GatewayProblem(unauthenticated);
    const host = textMember(memberOf(call.params, '__ow_headers'), 'host');
    return manage(deps, { namespace, url: deps.publicUrl(host) }, call.params);
  };
  return {
    name: `${SYSTEM_NAMESPACE}/apimgmt/${name}`,
    // As a web action it answers with a response; by its name with what is in that.
    run: async (call) => {
      const isWeb = memberOf(call.params, '__ow_method') !== undefined;
      try {
        const body = await answer(call);
        return isWeb ? response(200, body) : body;
      } catch (error) {
        if (!(error instanceof GatewayProblem)) throw error;
        return { error: isWeb ? response(502, { error: error.message }) : error.message };
      }
    },
  };
}

/** The actions of `/whisk.system/apimgmt`, with which clients manage APIs. */
export function apiManagement(deps: ManageApisDeps): BuiltInAction[] {
  const unauthenticated = 'A valid auth key is required.';
  return [
    actionOf(deps, 'createApi', { manage: createApi, unauthenticated }),
    actionOf(deps, 'getApi', { manage: getApi, unauthenticated: 'Invalid authentication.' }),
    actionOf(deps, 'deleteApi', { manage: deleteApi, unauthenticated }),
  ];
}
