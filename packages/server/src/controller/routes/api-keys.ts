import { entityNameProblem, errorTexts, type JsonObject } from '@vibrissa/protocol';
import { basePathOf } from '../../gateway/api-store.ts';
import { json, type Answer } from '../../http/answer.ts';
import { requireObject } from '../../http/json-body.ts';
import { textOf } from '../../http/query.ts';
import { malformed, notFound, RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { namespaceOf } from './call-target.ts';
import type { PlatformGateway } from '../../gateway/platform-gateway.ts';

/** What an API's keys stand on. */
export interface ApiKeyRouteDeps {
  readonly gateway: Pick<PlatformGateway, 'apis' | 'keys'>;
}

/** The caller's own namespace: nobody sees another's keys. Throws 400 and 403. */
function ownNamespace(call: AuthenticatedCall, right: 'READ' | 'PUT' | 'DELETE'): string {
  const namespace = namespaceOf(call);
  const isOwn = namespace === call.identity.namespace.name;
  if (!isOwn || !call.identity.rights.includes(right)) throw new RequestError(403, errorTexts.forbidden);
  return namespace;
}

function requireText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw malformed(`${name} has to be a text.`);
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
  const id = call.params.id ?? '';
  if (!(await gateway.keys.revoke(namespace, id))) throw notFound();
  return json(200, { id });
}

/** Keys that callers of a namespace's APIs show. A key is shown once, when it is made. */
export function apiKeyRoutes(deps: ApiKeyRouteDeps): AuthenticatedRoute[] {
  const path = '/api/v1/namespaces/:ns/apikeys';
  const access = 'authenticated';
  return [
    { method: 'POST', path, access, handle: (call) => createKey(deps, call) },
    { method: 'GET', path, access, handle: (call) => listKeys(deps, call) },
    { method: 'DELETE', path: `${path}/:id`, access, handle: (call) => revokeKey(deps, call) },
  ];
}
