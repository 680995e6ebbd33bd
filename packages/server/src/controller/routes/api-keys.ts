import { entityNameProblem, errorTexts, type JsonObject, type SystemLimits } from '@vibrissa/protocol';
import { basePathOf } from '../../gateway/api-store.ts';
import { json, type Answer } from '../../http/answer.ts';
import { requireObject } from '../../http/json-body.ts';
import type { Operation } from '../../http/operation.ts';
import { textOf } from '../../http/query.ts';
import { malformed, notFound, RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { namespaceOf } from './call-target.ts';
import { entityRoutes, listRoutes, type Verb } from './entity-routes.ts';
import { failures, listOf, one } from './responses.ts';
import type { PlatformGateway } from '../../gateway/platform-gateway.ts';

/** What an API's keys stand on. */
export interface ApiKeyRouteDeps {
  readonly gateway: Pick<PlatformGateway, 'apis' | 'keys'>;
  readonly limits: SystemLimits;
}

const TAG = 'API keys';
/** Longer than any base path; what is not found is repeated to whoever asks. */
const MAX_TEXT_LENGTH = 1000;

/** The caller's own namespace: nobody sees another's keys. Throws 400 and 403. */
function ownNamespace(call: AuthenticatedCall, right: 'READ' | 'PUT' | 'DELETE'): string {
  const namespace = namespaceOf(call);
  const isOwn = namespace === call.identity.namespace.name;
  if (!isOwn || !call.identity.rights.includes(right)) throw new RequestError(403, errorTexts.forbidden);
  return namespace;
}

function requireText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw malformed(`${name} has to be a text.`);
  if (value.length > MAX_TEXT_LENGTH) {
    throw malformed(`${name} has at most ${MAX_TEXT_LENGTH} characters; it has ${value.length}.`);
  }
  return value;
}

async function createKey({ gateway }: ApiKeyRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = ownNamespace(call, 'PUT');
  const body = requireObject(call.readJson());
  const api = requireText(body, 'basepath');
  const name = requireText(body, 'name');
  const problem = entityNameProblem(name);
  if (problem !== undefined) throw malformed(problem);
  const [found] = await gateway.apis.find(namespace, api);
  if (!found) throw new RequestError(404, errorTexts.apiNotFound(api));
  const made = await gateway.keys.create(namespace, { basePath: basePathOf(found), name });
  if (made === 'full') throw new RequestError(409, errorTexts.tooManyApiKeys);
  return json(200, made);
}

async function listKeys({ gateway }: ApiKeyRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = ownNamespace(call, 'READ');
  const api = textOf(call.query, 'basepath');
  if (api === undefined) return json(200, await gateway.keys.list(namespace));
  const [found] = await gateway.apis.find(namespace, api);
  if (!found) throw new RequestError(404, errorTexts.apiNotFound(api));
  return json(200, await gateway.keys.list(namespace, basePathOf(found)));
}

async function revokeKey({ gateway }: ApiKeyRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = ownNamespace(call, 'DELETE');
  const id = call.params.key ?? '';
  if (!(await gateway.keys.revoke(namespace, id))) throw notFound();
  return json(200, { id });
}

const list: Operation = {
  id: 'getAllApiKeys',
  tag: TAG,
  summary: 'List the keys that open APIs of a namespace',
  query: { basepath: { type: 'string', description: 'Only those of the API with this base path or name' } },
  responses: {
    200: listOf('ApiKey', 'Keys without their secrets, newest first'),
    ...failures(401, 403, 404, 500),
  },
};

const create: Verb<ApiKeyRouteDeps> = {
  method: 'POST',
  handle: createKey,
  operation: {
    id: 'createApiKey',
    summary: 'Make a key that opens an API',
    body: { definition: 'ApiKeyPost', required: true, description: 'Which API it opens, and for whom' },
    responses: {
      200: one('ApiKeyWithSecret', 'The key with its secret, which is never shown again'),
      ...failures(400, 401, 403, 404, 409, 413, 500),
    },
  },
};

const revoke: Verb<ApiKeyRouteDeps> = {
  method: 'DELETE',
  handle: revokeKey,
  operation: {
    id: 'deleteApiKey',
    summary: 'Revoke a key',
    responses: { 200: one('ApiKeyId', 'It opens nothing any more'), ...failures(401, 403, 404, 500) },
  },
};

/** Keys that callers of a namespace's APIs show. A key is shown once, when it is made. */
export function apiKeyRoutes(deps: ApiKeyRouteDeps): AuthenticatedRoute[] {
  const path = '/api/v1/namespaces/:ns/apikeys';
  return [
    ...listRoutes(deps, { path, handle: listKeys, operation: list }),
    ...entityRoutes(deps, { path, tag: TAG, verbs: [create] }),
    ...entityRoutes(deps, { path: `${path}/:key`, tag: TAG, verbs: [revoke] }),
  ];
}
