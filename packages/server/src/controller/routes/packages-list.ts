import type { SystemLimits } from '@vibrissa/protocol';
import type { Answer } from '../../http/answer.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { packageSummary } from '../packages/package-documents.ts';
import { answerPage } from './answer-page.ts';
import { namespaceOf, requireRight } from './call-target.ts';
import { listRoutes } from './entity-routes.ts';
import { failures, listOf, pageQuery } from './responses.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';

/** What lists of packages stand on. */
export interface PackageListRouteDeps {
  readonly artifacts: ArtifactStore;
  readonly entitlements: EntitlementChecks;
  readonly limits: SystemLimits;
}

const COLLECTION = 'packages';

/** All of one's own; of another's those that are public and no bindings. */
async function listPackages(deps: PackageListRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, namespace });
  const isOwner = namespace === call.identity.namespace.name;
  const visible = isOwner ? {} : ({ publicOnly: true } as const);
  const of = { entityType: 'package', namespace, ...visible } as const;
  return answerPage(deps, call, { collection: COLLECTION, of, summary: packageSummary });
}

/** `GET …/packages`. */
export function packageListRoutes(deps: PackageListRouteDeps): AuthenticatedRoute[] {
  return listRoutes(deps, {
    path: '/api/v1/namespaces/:ns/packages',
    handle: listPackages,
    operation: {
      id: 'getAllPackages',
      tag: 'Packages',
      summary: 'List the packages of a namespace',
      query: pageQuery(deps.limits.listLimit),
      responses: { 200: listOf('Package', 'Summaries, newest first'), ...failures(401, 403, 500) },
    },
  });
}
