import { errorTexts, isEntityName, type JsonObject, type TriggerEntity } from '@vibrissa/protocol';
import { isJsonObject } from '../../http/json-body.ts';
import { malformed, RequestError } from '../../http/request-error.ts';
import { decodeEntityPut, type EntityPut } from '../entities/entity-put.ts';
import { member } from '../entities/member.ts';
import { commonOfNew, commonOfUpdate } from '../entities/merge-put.ts';

/** Reads a PUT body. Triggers have no limits, but clients send an object of them. Throws 400. */
export function decodeTriggerPut(body: JsonObject): EntityPut {
  const limits = member(body, 'limits') ?? undefined;
  if (limits !== undefined && !isJsonObject(limits)) throw malformed(errorTexts.limitMalformed('limits'));
  return decodeEntityPut(body);
}

function isFeedName(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const segments = (value.startsWith('/') ? value.slice(1) : value).split('/', 4);
  return segments.length < 4 && segments.every(isEntityName);
}

/** A new trigger; throws 400 when it says that it belongs to a feed and doesn't name one. `updated`: epoch milliseconds. */
export function createTrigger(
  place: { readonly namespace: string; readonly name: string },
  put: EntityPut,
  updated: number,
): TriggerEntity {
  const feed = put.annotations?.find(({ key }) => key === 'feed');
  if (feed !== undefined && !isFeedName(feed.value)) throw new RequestError(400, errorTexts.feedInvalid);
  return {
    entityType: 'trigger',
    namespace: place.namespace,
    name: place.name,
    ...commonOfNew(put, updated),
    parameters: put.parameters ?? [],
    rules: {},
  };
}

/** The trigger after an update: what the body leaves out stays, and so do its rules. */
export function updateTrigger(old: TriggerEntity, put: EntityPut, updated: number): TriggerEntity {
  return {
    ...old,
    ...commonOfUpdate(old, put, updated),
    parameters: put.parameters ?? old.parameters,
  };
}
