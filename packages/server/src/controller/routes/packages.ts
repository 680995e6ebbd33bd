import { errorTexts } from '@vibrissa/protocol';
import { json, type Answer } from '../../http/answer.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { packageWithActions } from '../packages/package-documents.ts';
import { homeOf } from '../packages/package-view.ts';
import { ALL_ACTIONS } from '../packages/write-package.ts';
import { entityNameOf, requireRight } from './call-target.ts';
import { entityRoutes, type Verb } from './entity-routes.ts';
import { deletePackage, putPackage, type PackageRouteDeps } from './packages-write.ts';
import { failures, one } from './responses.ts';

async function getPackage(deps: PackageRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const { namespace, name } = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: 'packages', namespace, name });
  const view = await deps.packages.get(namespace, name);
  if (view === undefined) throw new RequestError(404, errorTexts.packageNotFound(`${namespace}/${name}`));
  const home = homeOf(view);
  // Written so by no request that is known; but what is stored so must not look like an empty package.
  if (view.provider !== undefined && home.namespace === namespace && home.name === name) {
    throw new RequestError(422, errorTexts.bindingCircular(`${namespace}/${name}`));
  }
  const held = await deps.artifacts.list({
    entityType: 'action',
    namespace: home.namespace,
    package: home.name,
    skip: 0,
    limit: ALL_ACTIONS,
  });
  return json(200, packageWithActions(view, held));
}

const circular = { 422: one('ErrorMessage', 'A binding refers to itself') };

const verbs: readonly Verb<PackageRouteDeps>[] = [
  {
    method: 'GET',
    handle: getPackage,
    operation: {
      id: 'getPackageByName',
      summary: 'Read a package with its actions and feeds',
      responses: { 200: one('Package', 'The package'), ...failures(401, 403, 404, 409, 500) },
      otherResponses: circular,
    },
  },
  {
    method: 'PUT',
    handle: putPackage,
    operation: {
      id: 'updatePackage',
      summary: 'Create or update a package or a binding',
      query: { overwrite: { type: 'boolean', description: 'Update it when it exists', default: false } },
      body: { definition: 'PackagePut', required: true, description: 'What to create or to change' },
      responses: { 200: one('Package', 'The package'), ...failures(400, 401, 403, 409, 413, 500) },
      otherResponses: circular,
    },
  },
  {
    method: 'DELETE',
    handle: deletePackage,
    operation: {
      id: 'deletePackage',
      summary: 'Delete a package',
      query: { force: { type: 'boolean', description: 'Delete what it holds, too', default: false } },
      responses: { 200: one('Package', 'The deleted package'), ...failures(401, 404, 409, 500) },
    },
  },
];

/** Reading and writing one package. */
export function packageRoutes(deps: PackageRouteDeps): AuthenticatedRoute[] {
  return entityRoutes(deps, { path: '/api/v1/namespaces/:ns/packages/:name', tag: 'Packages', verbs });
}
