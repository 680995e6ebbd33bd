import { errorTexts, memberTextsOf, type SystemLimits } from '@vibrissa/protocol';
import { json, jsonText, type Answer } from '../../http/answer.ts';
import type { Operation } from '../../http/operation.ts';
import { notFound, RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall, AuthenticatedRoute } from '../../http/route.ts';
import { activationFilterOf, checkActivationId } from './activation-query.ts';
import { namespaceOf, requireRight } from './call-target.ts';
import type { ActivationQuery, ActivationStore } from '../../store/activation-store.ts';
import { failures, listOf, one, pageQuery } from './responses.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';

/** What reading activations stands on. */
export interface ActivationRouteDeps {
  readonly activations: ActivationStore;
  readonly entitlements: EntitlementChecks;
  readonly limits: SystemLimits;
}

async function listActivations(deps: ActivationRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const namespace = namespaceOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'READ', collection: 'activations', namespace });
  const { count, docs, ...filter } = activationFilterOf(call.query, deps.limits);
  const query = { namespace, ...filter };
  if (count) return json(200, { activations: await deps.activations.count(query) });
  if (docs) return listRecords(deps, query);
  const texts = (await deps.activations.list(query)).map(({ summaryJson }) => summaryJson);
  return jsonText(200, `[${texts.join(',')}]`);
}

/** What whole records may come to in one answer: they are in memory all at once. */
const MAX_RECORDS_CHARS = 32 * 1024 * 1024;

async function listRecords(deps: ActivationRouteDeps, query: ActivationQuery): Promise<Answer> {
  const records = await deps.activations.listRecords({ ...query, maxChars: MAX_RECORDS_CHARS });
  if (records === 'too-large') throw new RequestError(413, errorTexts.recordsTooLarge(MAX_RECORDS_CHARS));
  return jsonText(200, `[${records.map(({ recordJson }) => recordJson).join(',')}]`);
}

/** The record that the path names, as text. Throws 400, 403 and 404. */
async function recordOf(deps: ActivationRouteDeps, call: AuthenticatedCall): Promise<string> {
  const namespace = namespaceOf(call);
  const id = checkActivationId(call.params.id ?? '');
  await requireRight(deps.entitlements, call, {
    privilege: 'READ',
    collection: 'activations',
    namespace,
    name: id,
  });
  const found = await deps.activations.get(namespace, id);
  if (found === undefined) throw notFound();
  return found.recordJson;
}

/** One member of a record, copied as it was written. */
function memberOf(record: string, key: 'response' | 'logs'): string {
  const text = memberTextsOf(record).get(key);
  if (text === undefined) throw new RequestError(500, errorTexts.corrupted);
  return text;
}

type Show = (record: string) => string;

const views: readonly {
  readonly path: string;
  readonly show: Show;
  readonly operation: Omit<Operation, 'tag'>;
}[] = [
  {
    path: '',
    show: (record) => record,
    operation: {
      id: 'getActivationById',
      summary: 'Read the record of an activation',
      responses: { 200: one('Activation', 'The record'), ...failures(401, 404, 500) },
    },
  },
  {
    path: '/result',
    show: (record) => memberOf(record, 'response'),
    operation: {
      id: 'getActivationResult',
      summary: 'Read the result of an activation',
      responses: { 200: one('ActivationResult', 'The result'), ...failures(401, 404, 500) },
    },
  },
  {
    path: '/logs',
    show: (record) => `{"logs":${memberOf(record, 'logs')}}`,
    operation: {
      id: 'getActivationLogs',
      summary: 'Read the logs of an activation',
      responses: { 200: one('ActivationLogs', 'The lines'), ...failures(401, 404, 500) },
    },
  },
];

const COLLECTION_PATH = '/api/v1/namespaces/:ns/activations';

const listOperation = (limits: SystemLimits): Operation => ({
  id: 'getActivations',
  tag: 'Activations',
  summary: 'List the activations of a namespace',
  query: {
    ...pageQuery(limits.listLimit),
    name: { type: 'string', description: "Only this action's: `name` or `package/name`" },
    since: { type: 'integer', description: 'Only from this time on, in epoch milliseconds' },
    upto: { type: 'integer', description: 'Only up to this time, in epoch milliseconds' },
    docs: { type: 'boolean', description: 'Return whole records', default: false },
  },
  responses: { 200: listOf('ActivationBrief', 'Newest first'), ...failures(401, 500) },
  otherResponses: failures(413),
});

/** Everything below `…/activations`. */
export function activationRoutes(deps: ActivationRouteDeps): AuthenticatedRoute[] {
  const list = {
    method: 'GET',
    access: 'authenticated',
    handle: (call: AuthenticatedCall) => listActivations(deps, call),
  } as const;
  const single = views.flatMap(({ path, show, operation }) => {
    const route = {
      method: 'GET' as const,
      access: 'authenticated' as const,
      handle: async (call: AuthenticatedCall) => jsonText(200, show(await recordOf(deps, call))),
    };
    const fullPath = `${COLLECTION_PATH}/:id${path}`;
    return [
      { ...route, path: fullPath, operation: { ...operation, tag: 'Activations' } },
      { ...route, path: `${fullPath}/` },
    ];
  });
  return [
    { ...list, path: COLLECTION_PATH, operation: listOperation(deps.limits) },
    { ...list, path: `${COLLECTION_PATH}/` },
    ...single,
  ];
}
