import type { EntityName, SystemLimits } from '@vibrissa/protocol';
import { json, plainText, type Answer } from '../../http/answer.ts';
import { requireObject } from '../../http/json-body.ts';
import { booleanOf } from '../../http/query.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { checkEntitySizes } from '../entities/entity-sizes.ts';
import type { Resource } from '../entitlement/entitlement.ts';
import { requireReadable } from '../entitlement/require-readable.ts';
import { ruleDocument, ruleSummary } from '../rules/rule-documents.ts';
import { decodeRulePut, decodeRuleState, type RulePut } from '../rules/rule-put.ts';
import { answerPage } from './answer-page.ts';
import { entityNameOf, namespaceOf, requireRight } from './call-target.ts';
import { entityRoutes, listRoutes, type Verb } from './entity-routes.ts';
import { failures, listOf, one, pageQuery } from './responses.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { RuleWrites } from '../rules/rule-writes.ts';

/** What rules stand on. */
export interface RuleRouteDeps {
  readonly artifacts: ArtifactStore;
  readonly rules: RuleWrites;
  readonly entitlements: EntitlementChecks;
  readonly limits: SystemLimits;
}

const COLLECTION = 'rules';

async function listRules(deps: RuleRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, namespace });
  const of = { entityType: 'rule', namespace } as const;
  return answerPage(deps, call, { collection: COLLECTION, of, summary: ruleSummary });
}

async function getRule(deps: RuleRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: COLLECTION, ...name });
  return json(200, ruleDocument(await deps.rules.get(name)));
}

/** Triggers lie in no package: one that is named so does not exist, and that is said later. */
function triggerResource({ namespace, name }: EntityName): Resource {
  return { collection: 'triggers', namespace, name };
}

/** Who makes a rule must be allowed to read what it names. Throws 403 with all names that are refused, or 404. */
function requireParts(deps: RuleRouteDeps, call: AuthenticatedCall, put: RulePut): Promise<void> {
  const resources: Resource[] = [];
  if (put.trigger !== undefined) resources.push(triggerResource(put.trigger));
  if (put.action !== undefined) resources.push({ collection: 'actions', ...put.action });
  return requireReadable(deps.entitlements, call.identity, resources);
}

async function putRule(deps: RuleRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  const overwrite = booleanOf(call.query, 'overwrite', false);
  await requireRight(deps.entitlements, call, { privilege: 'PUT', collection: COLLECTION, ...name });
  const put = decodeRulePut(requireObject(call.readJson()), call.identity.namespace.name);
  checkEntitySizes(put, deps.entitlements.effectiveLimits(call.identity));
  await requireParts(deps, call, put);
  return json(200, ruleDocument(await deps.rules.put(name, put, overwrite)));
}

async function deleteRule(deps: RuleRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'DELETE', collection: COLLECTION, ...name });
  return json(200, ruleDocument(await deps.rules.delete(name)));
}

async function setState(deps: RuleRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'ACTIVATE', collection: COLLECTION, ...name });
  await deps.rules.setStatus(name, decodeRuleState(requireObject(call.readJson())));
  return plainText(200, 'OK');
}

const verbs: readonly Verb<RuleRouteDeps>[] = [
  {
    method: 'GET',
    handle: getRule,
    operation: {
      id: 'getRule',
      summary: 'Read a rule',
      responses: { 200: one('Rule', 'The rule with its status'), ...failures(401, 404, 500) },
      otherResponses: failures(409),
    },
  },
  {
    method: 'PUT',
    handle: putRule,
    operation: {
      id: 'updateRule',
      summary: 'Create or update a rule',
      query: { overwrite: { type: 'boolean', description: 'Update it when it exists', default: false } },
      body: { definition: 'RulePut', required: true, description: 'What to create or to change' },
      responses: { 200: one('Rule', 'The rule'), ...failures(400, 401, 404, 409, 413, 500) },
    },
  },
  {
    method: 'DELETE',
    handle: deleteRule,
    operation: {
      id: 'deleteRule',
      summary: 'Delete a rule',
      responses: { 200: one('Rule', 'The deleted rule'), ...failures(401, 404, 409, 500) },
    },
  },
  {
    method: 'POST',
    handle: setState,
    operation: {
      id: 'setState',
      summary: 'Enable or disable a rule',
      body: { definition: 'RuleState', required: true, description: 'The state that it shall have' },
      responses: { 200: { description: 'OK', text: true }, ...failures(400, 401, 404, 500) },
      otherResponses: failures(409),
    },
  },
];

/** Lists, reads and writes rules, and turns them on and off. */
export function ruleRoutes(deps: RuleRouteDeps): AuthenticatedRoute[] {
  const path = `/api/v1/namespaces/:ns/${COLLECTION}`;
  const operation = {
    id: 'getAllRules',
    tag: 'Rules',
    summary: 'List the rules of a namespace',
    query: pageQuery(deps.limits.listLimit),
    responses: { 200: listOf('RuleMeta', 'Rules without their status, newest first'), ...failures(401, 500) },
  };
  return [
    ...listRoutes(deps, { path, handle: listRules, operation }),
    ...entityRoutes(deps, { path: `${path}/:name`, tag: 'Rules', verbs }),
  ];
}
