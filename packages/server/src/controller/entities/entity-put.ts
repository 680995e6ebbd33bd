import {
  errorTexts,
  parseVersion,
  type Json,
  type JsonObject,
  type KeyValue,
  type Parameter,
} from '@vibrissa/protocol';
import { isJsonObject } from '../../http/json-body.ts';
import { malformed } from '../../http/request-error.ts';
import { member } from './member.ts';

/** What the PUT bodies of all entities have in common, checked; absent members were absent. */
export interface EntityPut {
  readonly parameters?: readonly Parameter[];
  readonly version?: string;
  readonly publish?: boolean;
  readonly annotations?: readonly KeyValue[];
}

/** Reads the common members of a PUT body; others are left alone. A null counts as absent. Throws 400. */
export function decodeEntityPut(body: JsonObject): EntityPut {
  const given = (name: string) => member(body, name) ?? undefined;
  const parameters = given('parameters');
  const version = given('version');
  const publish = given('publish');
  const annotations = given('annotations');
  return {
    ...(parameters === undefined ? {} : { parameters: decodeParameters(parameters) }),
    ...(version === undefined ? {} : { version: decodeVersion(version) }),
    ...(publish === undefined ? {} : { publish: decodePublish(publish) }),
    ...(annotations === undefined ? {} : { annotations: decodeAnnotations(annotations) }),
  };
}

function decodeVersion(value: Json): string {
  const version = typeof value === 'string' ? parseVersion(value) : undefined;
  if (version === undefined) throw malformed(errorTexts.versionMalformed);
  return version;
}

function decodePublish(value: Json): boolean {
  if (typeof value !== 'boolean') throw malformed("'publish' must be true or false");
  return value;
}

function decodeParameters(value: Json): Parameter[] {
  return decodeKeyed(value, (entry, pair) => {
    const encryption = member(entry, 'encryption') ?? undefined;
    if (encryption !== undefined && typeof encryption !== 'string') {
      throw malformed(errorTexts.parametersMalformed);
    }
    return {
      ...pair,
      ...(member(entry, 'init') === true ? { init: true } : {}),
      ...(encryption === undefined ? {} : { encryption }),
    };
  });
}

function decodeAnnotations(value: Json): KeyValue[] {
  return decodeKeyed(value, (_entry, pair) => pair);
}

/** Pairs by their key: of two with one key the later value counts, in the earlier one's place. */
function decodeKeyed<P extends KeyValue>(value: Json, read: (entry: JsonObject, pair: KeyValue) => P): P[] {
  if (!Array.isArray(value)) throw malformed(errorTexts.parametersMalformed);
  const pairs = new Map<string, P>();
  for (const entry of value) {
    if (!isJsonObject(entry)) throw malformed(errorTexts.parameterInvalid);
    const key = member(entry, 'key');
    if (typeof key !== 'string' || key === '') throw malformed(errorTexts.parameterInvalid);
    pairs.set(key, read(entry, { key, value: member(entry, 'value') ?? null }));
  }
  return [...pairs.values()];
}
