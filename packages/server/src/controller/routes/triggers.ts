import { errorTexts } from '@vibrissa/protocol';
import { json, jsonText, plainText, type Answer } from '../../http/answer.ts';
import { requireObject } from '../../http/json-body.ts';
import type { Operation } from '../../http/operation.ts';
import { booleanOf, pageOf } from '../../http/query.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { checkEntitySizes } from '../entities/entity-sizes.ts';
import { missingEntity } from '../entities/missing-entity.ts';
import { triggerDocument, triggerSummary } from '../triggers/trigger-documents.ts';
import { decodeTriggerPut } from '../triggers/trigger-put.ts';
import { entityNameOf, namespaceOf, requireRight } from './call-target.ts';
import { payloadOf } from './invoke.ts';
import { failures, listOf, one, pageQuery } from './responses.ts';
import type { RouteDeps } from './route-deps.ts';

const COLLECTION = 'triggers';

async function listTriggers(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, namespace });
  const { count, ...page } = pageOf(call.query, COLLECTION, deps.limits.listLimit);
  const query = { entityType: 'trigger', namespace, ...page } as const;
  if (count) return json(200, { [COLLECTION]: await deps.artifacts.count(query) });
  return json(200, (await deps.artifacts.list(query)).map(triggerSummary));
}

async function getTrigger(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, ...name });
  const found = await deps.artifacts.get('trigger', name.namespace, name.name);
  if (found === undefined) throw await missingEntity(deps.artifacts, name);
  return json(200, triggerDocument(found.entity));
}

async function putTrigger(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  const overwrite = booleanOf(call.query, 'overwrite', false);
  await requireRight(deps.entitlements, call, { privilege: 'PUT', collection: COLLECTION, ...name });
  const put = decodeTriggerPut(requireObject(call.readJson()));
  checkEntitySizes(put, deps.entitlements.effectiveLimits(call.identity));
  return json(200, triggerDocument(await deps.triggers.put(name, put, overwrite)));
}

async function deleteTrigger(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'DELETE', collection: COLLECTION, ...name });
  return json(200, triggerDocument(await deps.triggers.delete(name)));
}

/** `POST …/triggers/{name}`: answered when nothing of it can get lost any more. */
async function fireTrigger(deps: RouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const trigger = entityNameOf(call);
  const { identity, headers } = call;
  await requireRight(deps.entitlements, call, { privilege: 'ACTIVATE', collection: COLLECTION, ...trigger });
  const request = { identity, trigger, payload: payloadOf(call), headers };
  const fire = await deps.fires.fire(call.context, request);
  switch (fire.outcome) {
    case 'fired': {
      const { activationId } = fire;
      const headerLines = ['x-openwhisk-activation-id', activationId];
      return jsonText(202, `{"activationId":"${activationId}"}`, headerLines);
    }
    case 'idle':
      return plainText(204, '');
    case 'missing':
      throw await missingEntity(deps.artifacts, trigger);
    case 'refused':
      throw new RequestError(fire.status, fire.message);
  }
}

type Handler = (deps: RouteDeps, call: AuthenticatedCall) => Promise<Answer>;

const verbs: readonly {
  readonly method: AuthenticatedRoute['method'];
  readonly handle: Handler;
  readonly operation: Omit<Operation, 'tag'>;
}[] = [
  {
    method: 'GET',
    handle: getTrigger,
    operation: {
      id: 'getTrigger',
      summary: 'Read a trigger',
      responses: { 200: one('Trigger', 'The trigger with its rules'), ...failures(401, 404, 500) },
      otherResponses: failures(409),
    },
  },
  {
    method: 'PUT',
    handle: putTrigger,
    operation: {
      id: 'updateTrigger',
      summary: 'Create or update a trigger',
      query: { overwrite: { type: 'boolean', description: 'Update it when it exists', default: false } },
      body: { definition: 'TriggerPut', required: true, description: 'What to create or to change' },
      responses: { 200: one('Trigger', 'The trigger'), ...failures(400, 401, 409, 413, 500) },
    },
  },
  {
    method: 'DELETE',
    handle: deleteTrigger,
    operation: {
      id: 'deleteTrigger',
      summary: 'Delete a trigger',
      responses: { 200: one('Trigger', 'The deleted trigger'), ...failures(401, 404, 409, 500) },
    },
  },
  {
    method: 'POST',
    handle: fireTrigger,
    operation: {
      id: 'fireTrigger',
      summary: 'Fire a trigger',
      body: { definition: 'ActionPayload', required: false, description: 'The event' },
      responses: {
        202: one('ActivationId', 'Its rules fire'),
        204: { description: 'No rule is active' },
        ...failures(401, 404, 408, 429, 500),
      },
      otherResponses: failures(409),
    },
  },
];

const COLLECTION_PATH = '/api/v1/namespaces/:ns/triggers';

function entityRoutes(deps: RouteDeps): AuthenticatedRoute[] {
  const allowed = deps.limits.payloadMaxBytes;
  const bodyLimit = {
    bytes: allowed,
    message: (bytes: number) => errorTexts.payloadTooLarge(bytes, allowed),
  };
  return verbs.map(({ method, handle, operation }) => ({
    method,
    access: 'authenticated',
    path: `${COLLECTION_PATH}/:name`,
    operation: { ...operation, tag: 'Triggers' },
    ...(method === 'POST' ? { bodyLimit } : {}),
    handle: (call: AuthenticatedCall) => handle(deps, call),
  }));
}

/** Lists, reads, writes and fires triggers. */
export function triggerRoutes(deps: RouteDeps): AuthenticatedRoute[] {
  const list = {
    method: 'GET',
    access: 'authenticated',
    handle: (call: AuthenticatedCall) => listTriggers(deps, call),
  } as const;
  const operation = {
    id: 'getAllTriggers',
    tag: 'Triggers',
    summary: 'List the triggers of a namespace',
    query: pageQuery(deps.limits.listLimit),
    responses: { 200: listOf('TriggerMeta', 'Summaries, newest first'), ...failures(401, 500) },
  };
  return [
    { ...list, path: COLLECTION_PATH, operation },
    { ...list, path: `${COLLECTION_PATH}/` },
    ...entityRoutes(deps),
  ];
}
