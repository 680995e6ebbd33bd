import { entityRoute, type WhiskRequest } from '../../client/whisk-client.ts';
import { jsonObject, keyValueJson } from '../../values/json-text.ts';
import { parametersJson } from '../../values/parameters.ts';
import { group, isSequence, type Entity } from '../entity.ts';
import { parametersOf } from '../parameter-fields.ts';
import { staleAnnotations, type Operation } from '../plan/plan.ts';

type Write = Extract<Operation, { type: 'create' | 'update' }>;

function execJson(entity: Entity): string {
  return jsonObject(group(entity, 'exec'));
}

function limitsJson(entity: Entity): string | undefined {
  const limits = group(entity, 'limits');
  return limits.size === 0 ? undefined : jsonObject(limits);
}

/** Code travels only where it changed; the platform keeps it otherwise. */
function execOf(operation: Write): string | undefined {
  if (operation.type === 'create') return execJson(operation.entity);
  return operation.changes.some(({ field }) => field.startsWith('exec.'))
    ? execJson(operation.entity)
    : undefined;
}

function deletedAnnotations(operation: Write): string | undefined {
  const stale = operation.type === 'update' ? staleAnnotations(operation.changes) : [];
  return stale.length === 0 ? undefined : JSON.stringify(stale);
}

function bodyOf(operation: Write): string {
  const { entity } = operation;
  const parameters = parametersJson(parametersOf(entity));
  const annotations = keyValueJson(group(entity, 'annotations'));
  switch (entity.collection) {
    case 'packages':
      return jsonObject([
        ['publish', entity.fields.get('publish')],
        ['binding', entity.fields.get('binding')],
        ['parameters', parameters],
        ['annotations', annotations],
      ]);
    case 'actions':
      return jsonObject([
        ['exec', execOf(operation)],
        ['limits', limitsJson(entity)],
        ['parameters', isSequence(entity) ? undefined : parameters],
        ['annotations', annotations],
        ['delAnnotations', deletedAnnotations(operation)],
      ]);
    case 'triggers':
      return jsonObject([
        ['parameters', entity.feed === undefined ? parameters : undefined],
        ['annotations', annotations],
      ]);
    case 'rules':
      return jsonObject([
        ['trigger', entity.fields.get('trigger')],
        ['action', entity.fields.get('action')],
        ['annotations', annotations],
      ]);
    case 'apis':
      return '';
  }
}

/** The request that creates or updates an entity of the REST API. */
export function writeRequest(operation: Write): WhiskRequest {
  const { collection, name } = operation.entity;
  return {
    method: 'PUT',
    route: entityRoute(collection, { namespace: '_', entity: name }),
    query: { overwrite: operation.type === 'update' },
    body: bodyOf(operation),
  };
}

/** The request that deletes it. */
export function deleteRequest({ collection, name }: Entity): WhiskRequest {
  return { method: 'DELETE', route: entityRoute(collection, { namespace: '_', entity: name }) };
}

/** The request that switches a rule, where it is not as it should be. A new rule is active. */
export function statusRequest(operation: Write): WhiskRequest | undefined {
  const wanted = operation.entity.fields.get('status');
  const now = operation.type === 'create' ? '"active"' : operation.before.fields.get('status');
  if (wanted === undefined || wanted === now) return undefined;
  return {
    method: 'POST',
    route: entityRoute('rules', { namespace: '_', entity: operation.entity.name }),
    body: `{"status":${wanted},"trigger":null,"action":null}`,
  };
}
