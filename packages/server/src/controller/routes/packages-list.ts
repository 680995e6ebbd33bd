import { json, type Answer } from '../../http/answer.ts';
import { pageOf } from '../../http/query.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { packageSummary } from '../packages/package-documents.ts';
import { namespaceOf, requireRight } from './call-target.ts';
import { failures, listOf, pageQuery } from './responses.ts';
import type { RouteDeps } from './route-deps.ts';

const COLLECTION = 'packages';

/** All of one's own; of another's those that are public and no bindings. */
async function listPackages(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, namespace });
  const { count, ...page } = pageOf(call.query, COLLECTION, deps.limits.listLimit);
  const isOwner = namespace === call.identity.namespace.name;
  const visible = isOwner ? {} : ({ publicOnly: true } as const);
  const query = { entityType: 'package', namespace, ...visible, ...page } as const;
  if (count) return json(200, { [COLLECTION]: await deps.artifacts.count(query) });
  return json(200, (await deps.artifacts.list(query)).map(packageSummary));
}

/** `GET …/packages`. */
export function packageListRoutes(deps: RouteDeps): AuthenticatedRoute[] {
  const list = {
    method: 'GET',
    access: 'authenticated',
    handle: (call: AuthenticatedCall) => listPackages(deps, call),
  } as const;
  return [
    {
      ...list,
      path: '/api/v1/namespaces/:ns/packages',
      operation: {
        id: 'getAllPackages',
        tag: 'Packages',
        summary: 'List the packages of a namespace',
        query: pageQuery(deps.limits.listLimit),
        responses: { 200: listOf('Package', 'Summaries, newest first'), ...failures(401, 403, 500) },
      },
    },
    { ...list, path: '/api/v1/namespaces/:ns/packages/' },
  ];
}
