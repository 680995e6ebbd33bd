import { errorTexts, type SystemLimits } from '@vibrissa/protocol';
import type { Answer } from '../../http/answer.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { actionSummary } from '../actions/action-documents.ts';
import { homeOf } from '../packages/package-view.ts';
import { answerPage } from './answer-page.ts';
import { namespaceOf, requireRight, segmentOf } from './call-target.ts';
import { entityRoutes, listRoutes } from './entity-routes.ts';
import { failures, listOf, pageQuery } from './responses.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { PackageCache } from '../packages/package-cache.ts';

/** What lists of actions stand on. */
export interface ActionListRouteDeps {
  readonly artifacts: ArtifactStore;
  readonly packages: Pick<PackageCache, 'get'>;
  readonly entitlements: EntitlementChecks;
  readonly limits: SystemLimits;
}

const COLLECTION = 'actions';

function pageOfActions(
  deps: ActionListRouteDeps,
  call: AuthenticatedCall,
  place: { readonly namespace: string; readonly package?: string },
): Promise<Answer> {
  const of = { entityType: 'action', ...place } as const;
  return answerPage(deps, call, { collection: COLLECTION, of, summary: actionSummary });
}

async function listActions(deps: ActionListRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, namespace });
  return pageOfActions(deps, call, { namespace });
}

/** Through a binding: what its provider holds. */
async function listPackage(deps: ActionListRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  const name = segmentOf(call, 'pkg');
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: 'packages', namespace, name });
  const view = await deps.packages.get(namespace, name);
  if (view === undefined) throw new RequestError(404, errorTexts.packageNotFound(`${namespace}/${name}`));
  const home = homeOf(view);
  return pageOfActions(deps, call, { namespace: home.namespace, package: home.name });
}

/** `GET …/actions` and `GET …/actions/{pkg}/`. */
export function actionListRoutes(deps: ActionListRouteDeps): AuthenticatedRoute[] {
  const path = '/api/v1/namespaces/:ns/actions';
  const query = pageQuery(deps.limits.listLimit);
  const summaries = listOf('ActionMeta', 'Summaries, newest first');
  const ofNamespace = {
    id: 'getAllActions',
    tag: 'Actions',
    summary: 'List the actions of a namespace',
    query,
    responses: { 200: summaries, ...failures(401, 500) },
  };
  const ofPackage = {
    id: 'getPackageActions',
    summary: 'List the actions of a package',
    query,
    responses: { 200: summaries, ...failures(401, 403, 404, 500) },
    otherResponses: failures(409),
  };
  return [
    ...listRoutes(deps, { path, handle: listActions, operation: ofNamespace }),
    ...entityRoutes(deps, {
      path: `${path}/:pkg/`,
      tag: 'Actions',
      verbs: [{ method: 'GET', handle: listPackage, operation: ofPackage }],
    }),
  ];
}
