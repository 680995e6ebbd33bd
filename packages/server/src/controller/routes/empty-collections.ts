import { json, type Answer } from '../../http/answer.ts';
import { pageOf } from '../../http/query.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { entityNameOf, namespaceOf, requireRight } from './call-target.ts';
import { missing } from '../not-available.ts';
import { failures, listOf, pageQuery } from './responses.ts';
import type { RouteDeps } from './route-deps.ts';

/** Collections that exist in the API and hold nothing yet. */
const collections = [
  {
    name: 'triggers',
    item: 'TriggerMeta',
    id: 'getAllTriggers',
    tag: 'Triggers',
    failures: failures(401, 500),
  },
  { name: 'rules', item: 'RuleMeta', id: 'getAllRules', tag: 'Rules', failures: failures(401, 500) },
] as const;

type Collection = (typeof collections)[number];

async function listNothing(deps: RouteDeps, call: AuthenticatedCall, { name }: Collection): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: name, namespace });
  const { count } = pageOf(call.query, name, deps.limits.listLimit);
  return json(200, count ? { [name]: 0 } : []);
}

function refuseEntity(call: AuthenticatedCall, { tag }: Collection): Answer {
  entityNameOf(call);
  throw missing(tag, 404);
}

function routesOf(deps: RouteDeps, collection: Collection): AuthenticatedRoute[] {
  const path = `/api/v1/namespaces/:ns/${collection.name}`;
  const list = {
    method: 'GET',
    access: 'authenticated',
    handle: (call: AuthenticatedCall) => listNothing(deps, call, collection),
  } as const;
  const entity = (['GET', 'PUT', 'POST', 'DELETE'] as const).map((method) => ({
    method,
    access: 'authenticated' as const,
    path: `${path}/:name`,
    handle: (call: AuthenticatedCall) => refuseEntity(call, collection),
  }));
  const operation = {
    id: collection.id,
    tag: collection.tag,
    summary: `List the ${collection.name} of a namespace`,
    query: pageQuery(deps.limits.listLimit),
    responses: { 200: listOf(collection.item, 'Summaries, newest first'), ...collection.failures },
  };
  return [{ ...list, path, operation }, { ...list, path: `${path}/` }, ...entity];
}

/** Lists of triggers and rules: empty, so that clients that list everything work. */
export function emptyCollectionRoutes(deps: RouteDeps): AuthenticatedRoute[] {
  return collections.flatMap((collection) => routesOf(deps, collection));
}
