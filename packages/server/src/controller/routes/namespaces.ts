import { errorTexts, type Identity, type SystemLimits } from '@vibrissa/protocol';
import { json, type Answer } from '../../http/answer.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { namespaceOf, requireRight } from './call-target.ts';
import { failures, one } from './responses.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';

/** What reading the limits of a namespace stands on. */
export interface NamespaceRouteDeps {
  readonly entitlements: EntitlementChecks;
}

/** What applies to a namespace: the system's values where its administrator set none. */
function limitsDocument(limits: SystemLimits, identity: Identity): object {
  const { allowedKinds, storeActivations, maxPayloadSize, truncationSize } = identity.limits;
  const bytes = (size: number) => `${size} B`;
  return {
    invocationsPerMinute: limits.invokesPerMinute,
    concurrentInvocations: limits.invokesConcurrent,
    firesPerMinute: limits.firesPerMinute,
    ...(allowedKinds === undefined ? {} : { allowedKinds }),
    ...(storeActivations === undefined ? {} : { storeActivations }),
    minActionMemory: limits.memory.minMb,
    maxActionMemory: limits.memory.maxMb,
    minActionLogs: limits.logLimit.minMb,
    maxActionLogs: limits.logLimit.maxMb,
    minActionTimeout: limits.timeLimit.minMs,
    maxActionTimeout: limits.timeLimit.maxMs,
    minActionConcurrency: limits.concurrencyLimit.min,
    maxActionConcurrency: limits.concurrencyLimit.max,
    maxParameterSize: bytes(limits.parameterSizeBytes),
    ...(maxPayloadSize === undefined ? {} : { maxPayloadSize: bytes(limits.payloadMaxBytes) }),
    ...(truncationSize === undefined ? {} : { truncationSize: bytes(limits.payloadTruncationBytes) }),
    maxActionInstances: limits.invokesConcurrent,
  };
}

async function getLimits(deps: NamespaceRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: 'namespaces', namespace });
  return json(200, limitsDocument(deps.entitlements.effectiveLimits(call.identity), call.identity));
}

function refuseInner(): Answer {
  throw new RequestError(400, errorTexts.innerLimits);
}

/** The caller's namespace and its limits. */
export function namespaceRoutes(deps: NamespaceRouteDeps): AuthenticatedRoute[] {
  const get = { method: 'GET', access: 'authenticated' } as const;
  const listNames = (call: AuthenticatedCall) => json(200, [call.identity.namespace.name]);
  const readLimits = (call: AuthenticatedCall) => getLimits(deps, call);
  return [
    {
      ...get,
      path: '/api/v1/namespaces',
      operation: {
        id: 'getAllNamespaces',
        tag: 'Namespaces',
        summary: "List the caller's namespaces",
        responses: {
          200: { description: 'Names', body: { listOf: 'NamespaceName' } },
          ...failures(401, 500),
        },
      },
      handle: listNames,
    },
    { ...get, path: '/api/v1/namespaces/', handle: listNames },
    {
      ...get,
      path: '/api/v1/namespaces/:ns/limits',
      operation: {
        id: 'getLimits',
        tag: 'Namespaces',
        summary: 'Read the limits of a namespace',
        responses: { 200: one('UserLimits', 'Limits'), ...failures(401, 500) },
      },
      handle: readLimits,
    },
    { ...get, path: '/api/v1/namespaces/:ns/limits/', handle: readLimits },
    { ...get, path: '/api/v1/namespaces/:ns/limits/:name', handle: refuseInner },
  ];
}
