import { entityPath } from '@vibrissa/protocol';
import { json, type Answer } from '../../http/answer.ts';
import { booleanOf } from '../../http/query.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { actionDocument } from '../actions/action-documents.ts';
import { missingEntity } from '../entities/missing-entity.ts';
import { overlayParameters } from '../packages/overlay-parameters.ts';
import { deleteAction, putAction, type ActionRouteDeps } from './actions-write.ts';
import { entityNameOf, requireRight } from './call-target.ts';
import { entityRoutes, type Verb } from './entity-routes.ts';
import { failures, one } from './responses.ts';

/** In a package: its parameters below the action's. Through a binding: the provider's action, and without code which binding it was. */
async function getAction(deps: ActionRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  const withCode = booleanOf(call.query, 'code', true);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: 'actions', ...name });
  const found = await deps.actions.resolve(name);
  if (found === undefined) {
    throw await missingEntity(deps.artifacts, { namespace: entityPath(name), name: name.name });
  }
  const { entity } = found.action;
  const parameters = overlayParameters(found.packageParameters, entity.parameters);
  const shown = { ...entity, parameters };
  if (withCode) return json(200, actionDocument(shown, await deps.codeReads.read(call, entity.exec)));
  const binding = found.binding === undefined ? {} : { binding: found.binding };
  return json(200, { ...actionDocument(shown, undefined), ...binding });
}

const verbs: readonly Verb<ActionRouteDeps>[] = [
  {
    method: 'GET',
    handle: getAction,
    operation: {
      id: 'getAction',
      summary: 'Read an action',
      query: { code: { type: 'boolean', description: 'Whether to return the code', default: true } },
      responses: { 200: one('Action', 'The action'), ...failures(401, 403, 404, 500) },
      otherResponses: failures(409),
    },
  },
  {
    method: 'PUT',
    handle: putAction,
    operation: {
      id: 'updateAction',
      summary: 'Create or update an action',
      query: { overwrite: { type: 'boolean', description: 'Update it when it exists', default: false } },
      body: { definition: 'ActionPut', required: true, description: 'What to create or to change' },
      responses: { 200: one('Action', 'The action'), ...failures(400, 401, 403, 409, 413, 500) },
    },
  },
  {
    method: 'DELETE',
    handle: deleteAction,
    operation: {
      id: 'deleteAction',
      summary: 'Delete an action',
      responses: { 200: one('Action', 'The deleted action'), ...failures(400, 401, 403, 404, 409, 500) },
    },
  },
];

const places = [
  { path: '/api/v1/namespaces/:ns/actions/:name', suffix: '' },
  { path: '/api/v1/namespaces/:ns/actions/:pkg/:name', suffix: 'InPackage' },
] as const;

/** Reading and writing one action, in the default package and in a named one. */
export function actionRoutes(deps: ActionRouteDeps): AuthenticatedRoute[] {
  return places.flatMap(({ path, suffix }) =>
    entityRoutes(deps, {
      path,
      tag: 'Actions',
      verbs: verbs.map((verb) => ({
        ...verb,
        operation: { ...verb.operation, id: `${verb.operation.id}${suffix}` },
      })),
    }),
  );
}
