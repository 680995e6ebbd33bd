import {
  encodeActivation,
  entityPath,
  errorTexts,
  type ActivationRecord,
  type KnownRuntimes,
  type StatusCode,
  type SystemLimits,
} from '@vibrissa/protocol';
import { jsonText, type Answer } from '../../http/answer.ts';
import { isJsonObject } from '../../http/json-body.ts';
import type { Operation } from '../../http/operation.ts';
import { booleanOf, textOf, type Query } from '../../http/query.ts';
import { malformed, malformedQuery, RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { missingEntity } from '../entities/missing-entity.ts';
import type { InvokeRequest } from '../invocation/invoke-action.ts';
import type { InvokeOutcome } from '../invocation/invoke-outcome.ts';
import { requireAllowed } from '../entitlement/require-allowed.ts';
import { entityNameOf } from './call-target.ts';
import { payloadBody } from './entity-routes.ts';
import { failures, one } from './responses.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { ActionResolver } from '../invocation/action-cache.ts';
import type { Invoking } from '../invocation/invoking.ts';

/** What invoking an action stands on. */
export interface InvokeRouteDeps {
  readonly actions: ActionResolver;
  /** Says what a name is that is no action's. */
  readonly artifacts: Pick<ArtifactStore, 'typeOf'>;
  readonly entitlements: EntitlementChecks;
  readonly invocations: Pick<Invoking, 'invoke'>;
  readonly limits: SystemLimits;
  readonly runtimes: KnownRuntimes;
}

/** HTTP status of a finished activation: success, application error, developer error, whisk error. */
const statuses = [200, 502, 502, 500] as const satisfies { [code in StatusCode]: number };

const OPENING_BRACKET = 91;
const noLogs: readonly string[] = [];

/** `timeout`: how long a blocking call waits, in milliseconds. */
function waitOf(query: Query, maxMs: number): number {
  const text = textOf(query, 'timeout');
  if (text === undefined) return maxMs;
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (waitMs < 1 || waitMs > maxMs) throw malformedQuery('timeout', errorTexts.blockingTimeout(maxMs));
  return waitMs;
}

/** The arguments of a request: an object, or nothing. Throws 400 and 415. */
export function payloadOf(call: AuthenticatedCall): InvokeRequest['payload'] {
  const body = call.readJson();
  if (body === undefined) return undefined;
  if (!isJsonObject(body.value)) throw malformed(errorTexts.objectExpected);
  return { json: body.json, value: body.value };
}

function finished(record: ActivationRecord, resultOnly: boolean): Answer {
  const { resultJson, statusCode } = record.response;
  // An array is a result of its own: it has no room for a record around it.
  const bare = resultOnly || resultJson.charCodeAt(0) === OPENING_BRACKET;
  return jsonText(statuses[statusCode], bare ? resultJson : encodeActivation(record, noLogs), [
    'x-openwhisk-activation-id',
    record.activationId,
  ]);
}

function answerOutcome(outcome: InvokeOutcome, resultOnly: boolean): Answer {
  switch (outcome.outcome) {
    case 'finished':
      return finished(outcome.record, resultOnly);
    case 'accepted':
      return jsonText(202, `{"activationId":"${outcome.activationId}"}`, [
        'x-openwhisk-activation-id',
        outcome.activationId,
      ]);
    case 'refused':
      throw new RequestError(outcome.status, outcome.message);
  }
}

/** Path and flags → may it? → the action → its outcome → status code. What is at hand is not waited for. */
async function invoke(deps: InvokeRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const { identity, query } = call;
  const name = entityNameOf(call);
  const resultOnly = booleanOf(query, 'result', false);
  const longestMs = waitOf(query, deps.limits.maxBlockingWaitMs);
  const waitMs = booleanOf(query, 'blocking', false) ? longestMs : undefined;
  const { trail } = call.context;
  const beganMs = trail?.now();
  const right = deps.entitlements.check(identity, 'ACTIVATE', { collection: 'actions', ...name });
  requireAllowed(right instanceof Promise ? await right : right);
  requireAllowed(deps.entitlements.checkThrottles(identity));
  trail?.step('entitle', beganMs);
  const payload = payloadOf(call);
  const resolvingMs = trail?.now();
  const resolved = deps.actions.resolve(name);
  let target: Awaited<typeof resolved>;
  if (resolved instanceof Promise) {
    target = await resolved;
    // Others may have come in meanwhile: a burst at an action that nobody knows yet must not pass the limit.
    requireAllowed(deps.entitlements.checkConcurrency(identity));
  } else target = resolved;
  if (target === undefined) {
    throw await missingEntity(deps.artifacts, { namespace: entityPath(name), name: name.name });
  }
  trail?.step('resolve', resolvingMs);
  const { kind } = target.action.entity.exec;
  if (deps.runtimes.resolve(kind)?.deprecated === true) {
    throw new RequestError(400, errorTexts.kindDeprecated(kind));
  }
  const request = { identity, target, payload, waitMs };
  return answerOutcome(await deps.invocations.invoke(call.context, request), resultOnly);
}

const describe = (maxWaitMs: number): Operation => ({
  id: 'invokeAction',
  tag: 'Actions',
  summary: 'Invoke an action',
  query: {
    blocking: { type: 'boolean', description: 'Wait for the result', default: false },
    result: { type: 'boolean', description: 'Return the bare result', default: false },
    timeout: { type: 'integer', description: 'Milliseconds to wait at most', minimum: 1, maximum: maxWaitMs },
  },
  body: { definition: 'ActionPayload', required: false, description: 'Arguments' },
  responses: {
    200: one('Activation', 'It succeeded; the bare result where that was asked for'),
    202: one('ActivationId', 'It was accepted, or has not finished in time'),
    502: one('Activation', 'It failed; the bare error where only the result was asked for'),
    ...failures(401, 403, 404, 408, 429, 500),
  },
  otherResponses: failures(409),
});

/** `POST …/actions/{name}`. */
export function invokeRoutes(deps: InvokeRouteDeps): AuthenticatedRoute[] {
  const operation = describe(deps.limits.maxBlockingWaitMs);
  const route = {
    method: 'POST',
    access: 'authenticated',
    hot: true,
    bodyLimit: payloadBody(deps.limits),
    handle: (call: AuthenticatedCall) => invoke(deps, call),
  } as const;
  return [
    { ...route, path: '/api/v1/namespaces/:ns/actions/:name', operation },
    {
      ...route,
      path: '/api/v1/namespaces/:ns/actions/:pkg/:name',
      operation: { ...operation, id: 'invokeActionInPackage' },
    },
  ];
}
