import type { SystemLimits } from '@vibrissa/protocol';
import { json, jsonText, plainText, type Answer } from '../../http/answer.ts';
import { requireObject } from '../../http/json-body.ts';
import { booleanOf } from '../../http/query.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { checkEntitySizes } from '../entities/entity-sizes.ts';
import { missingEntity } from '../entities/missing-entity.ts';
import { triggerDocument, triggerSummary } from '../triggers/trigger-documents.ts';
import { decodeTriggerPut } from '../triggers/trigger-put.ts';
import { answerPage } from './answer-page.ts';
import { entityNameOf, namespaceOf, requireRight } from './call-target.ts';
import { payloadOf } from './invoke.ts';
import { entityRoutes, listRoutes, type Verb } from './entity-routes.ts';
import { failures, listOf, one, pageQuery } from './responses.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { Firing } from '../invocation/firing.ts';
import type { TriggerWrites } from '../triggers/trigger-writes.ts';

/** What triggers stand on. */
export interface TriggerRouteDeps {
  readonly artifacts: ArtifactStore;
  readonly triggers: TriggerWrites;
  readonly fires: Firing;
  readonly entitlements: EntitlementChecks;
  readonly limits: SystemLimits;
}

const COLLECTION = 'triggers';

async function listTriggers(deps: TriggerRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, namespace });
  const of = { entityType: 'trigger', namespace } as const;
  return answerPage(deps, call, { collection: COLLECTION, of, summary: triggerSummary });
}

async function getTrigger(deps: TriggerRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, ...name });
  const found = await deps.artifacts.get('trigger', name.namespace, name.name);
  if (found === undefined) throw await missingEntity(deps.artifacts, name);
  return json(200, triggerDocument(found.entity));
}

async function putTrigger(deps: TriggerRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  const overwrite = booleanOf(call.query, 'overwrite', false);
  await requireRight(deps.entitlements, call, { privilege: 'PUT', collection: COLLECTION, ...name });
  const put = decodeTriggerPut(requireObject(call.readJson()));
  checkEntitySizes(put, deps.entitlements.effectiveLimits(call.identity));
  return json(200, triggerDocument(await deps.triggers.put(name, put, overwrite)));
}

async function deleteTrigger(deps: TriggerRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'DELETE', collection: COLLECTION, ...name });
  return json(200, triggerDocument(await deps.triggers.delete(name)));
}

/** `POST …/triggers/{name}`: answered when nothing of it can get lost any more. */
async function fireTrigger(deps: TriggerRouteDeps, call: AuthenticatedCall): Promise<Answer> {
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

const verbs: readonly Verb<TriggerRouteDeps>[] = [
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
    takesPayload: true,
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

/** Lists, reads, writes and fires triggers. */
export function triggerRoutes(deps: TriggerRouteDeps): AuthenticatedRoute[] {
  const path = `/api/v1/namespaces/:ns/${COLLECTION}`;
  const operation = {
    id: 'getAllTriggers',
    tag: 'Triggers',
    summary: 'List the triggers of a namespace',
    query: pageQuery(deps.limits.listLimit),
    responses: { 200: listOf('TriggerMeta', 'Summaries, newest first'), ...failures(401, 500) },
  };
  return [
    ...listRoutes(deps, { path, handle: listTriggers, operation }),
    ...entityRoutes(deps, { path: `${path}/:name`, tag: 'Triggers', verbs }),
  ];
}
