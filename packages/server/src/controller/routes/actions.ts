import { entityPath } from '@vibrissa/protocol';
import { json, type Answer } from '../../http/answer.ts';
import type { Operation } from '../../http/operation.ts';
import { booleanOf } from '../../http/query.ts';
import { notFound } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { actionDocument } from '../actions/action-documents.ts';
import { codeOf, deleteAction, putAction } from './actions-write.ts';
import { entityNameOf, requireDefaultPackage, requireRight } from './call-target.ts';
import { failures, one } from './responses.ts';
import type { RouteDeps } from './route-deps.ts';

async function getAction(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  const withCode = booleanOf(call.query, 'code', true);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: 'actions', ...name });
  requireDefaultPackage(name);
  const found = await deps.artifacts.get('action', entityPath(name), name.name);
  if (found === undefined) throw notFound();
  const code = withCode ? await codeOf(deps, found.entity.exec) : undefined;
  return json(200, actionDocument(found.entity, code));
}

type Handler = (deps: RouteDeps, call: AuthenticatedCall) => Promise<Answer>;

interface Verb {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly handle: Handler;
  readonly operation: Omit<Operation, 'tag'>;
}

const verbs: readonly Verb[] = [
  {
    method: 'GET',
    handle: getAction,
    operation: {
      id: 'getAction',
      summary: 'Read an action',
      query: { code: { type: 'boolean', description: 'Whether to return the code', default: true } },
      responses: { 200: one('Action', 'The action'), ...failures(401, 403, 404, 500) },
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
export function actionRoutes(deps: RouteDeps): AuthenticatedRoute[] {
  return places.flatMap(({ path, suffix }) =>
    verbs.map(({ method, handle, operation }) => ({
      method,
      path,
      access: 'authenticated' as const,
      operation: { ...operation, id: `${operation.id}${suffix}`, tag: 'Actions' },
      handle: (call: AuthenticatedCall) => handle(deps, call),
    })),
  );
}
