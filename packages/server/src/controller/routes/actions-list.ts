import { errorTexts } from '@vibrissa/protocol';
import { json, type Answer } from '../../http/answer.ts';
import { pageOf } from '../../http/query.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { actionSummary } from '../actions/action-documents.ts';
import { homeOf } from '../packages/package-view.ts';
import { namespaceOf, requireRight, segmentOf } from './call-target.ts';
import { failures, listOf, pageQuery } from './responses.ts';
import type { RouteDeps } from './route-deps.ts';

const COLLECTION = 'actions';

/** One page of the actions there, or how many they are. */
async function answerPage(
  deps: RouteDeps,
  call: AuthenticatedCall,
  place: { readonly namespace: string; readonly package?: string },
): Promise<Answer> {
  const { count, ...page } = pageOf(call.query, COLLECTION, deps.limits.listLimit);
  const query = { entityType: 'action', ...place, ...page } as const;
  if (count) return json(200, { [COLLECTION]: await deps.artifacts.count(query) });
  return json(200, (await deps.artifacts.list(query)).map(actionSummary));
}

async function listActions(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, namespace });
  return answerPage(deps, call, { namespace });
}

/** Through a binding: what its provider holds. */
async function listPackage(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  const name = segmentOf(call, 'pkg');
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: 'packages', namespace, name });
  const view = await deps.packages.get(namespace, name);
  if (view === undefined) throw new RequestError(404, errorTexts.packageNotFound(`${namespace}/${name}`));
  const home = homeOf(view);
  return answerPage(deps, call, { namespace: home.namespace, package: home.name });
}

/** `GET …/actions` and `GET …/actions/{pkg}/`. */
export function actionListRoutes(deps: RouteDeps): AuthenticatedRoute[] {
  const list = {
    method: 'GET',
    access: 'authenticated',
    handle: (call: AuthenticatedCall) => listActions(deps, call),
  } as const;
  return [
    {
      ...list,
      path: '/api/v1/namespaces/:ns/actions',
      operation: {
        id: 'getAllActions',
        tag: 'Actions',
        summary: 'List the actions of a namespace',
        query: pageQuery(deps.limits.listLimit),
        responses: { 200: listOf('ActionMeta', 'Summaries, newest first'), ...failures(401, 500) },
      },
    },
    { ...list, path: '/api/v1/namespaces/:ns/actions/' },
    {
      method: 'GET',
      access: 'authenticated',
      path: '/api/v1/namespaces/:ns/actions/:pkg/',
      operation: {
        id: 'getPackageActions',
        tag: 'Actions',
        summary: 'List the actions of a package',
        query: pageQuery(deps.limits.listLimit),
        responses: { 200: listOf('ActionMeta', 'Summaries, newest first'), ...failures(401, 403, 404, 500) },
      },
      handle: (call) => listPackage(deps, call),
    },
  ];
}
