import { errorTexts } from '@vibrissa/protocol';
import { jsonText, json, type Answer } from '../../http/answer.ts';
import { pageOf } from '../../http/query.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { actionSummary } from '../actions/action-documents.ts';
import { namespaceOf, requireRight, segmentOf } from './call-target.ts';
import { failures, listOf, pageQuery } from './responses.ts';
import type { RouteDeps } from './route-deps.ts';

const COLLECTION = 'actions';

async function listActions(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, namespace });
  const { count, ...page } = pageOf(call.query, COLLECTION, deps.limits.listLimit);
  const query = { entityType: 'action', namespace, ...page } as const;
  if (count) return json(200, { [COLLECTION]: await deps.artifacts.count(query) });
  return jsonText(200, JSON.stringify((await deps.artifacts.list(query)).map(actionSummary)));
}

/** Packages come later: the right to read one is asked, and then it isn't there. */
async function listPackage(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  const name = segmentOf(call, 'pkg');
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: 'packages', namespace, name });
  throw new RequestError(404, errorTexts.packageNotFound(`${namespace}/${name}`));
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
