import {
  errorTexts,
  parseVersion,
  type ActionLimits,
  type Json,
  type JsonObject,
  type KeyValue,
  type KnownRuntimes,
  type Parameter,
} from '@vibrissa/protocol';
import { isJsonObject } from '../../http/json-body.ts';
import { malformed } from '../../http/request-error.ts';
import { member, type ActionPut } from './action-put.ts';
import { decodeExec } from './decode-exec.ts';

/** Members of `limits` and how OpenWhisk calls them when they are wrong. */
const limitNames = {
  timeout: 'time limit',
  memory: 'memory limit',
  logs: 'log limit',
  concurrency: 'intra concurrency limit',
} as const satisfies { [limit in keyof ActionLimits]: string };

/** Reads a PUT body. Unknown members are ignored, as clients send `name` and `namespace` too. Throws 400. */
export function decodeActionPut(body: JsonObject, runtimes: KnownRuntimes): ActionPut {
  const given = (name: string) => member(body, name) ?? undefined;
  const exec = given('exec');
  const limits = given('limits');
  const version = given('version');
  const publish = given('publish');
  const parameters = given('parameters');
  const annotations = given('annotations');
  const delAnnotations = given('delAnnotations');
  return {
    ...(exec === undefined ? {} : { exec: decodeExec(exec, runtimes) }),
    ...(parameters === undefined ? {} : { parameters: decodeParameters(parameters) }),
    ...(limits === undefined ? {} : { limits: decodeLimits(limits) }),
    ...(version === undefined ? {} : { version: decodeVersion(version) }),
    ...(publish === undefined ? {} : { publish: decodePublish(publish) }),
    ...(annotations === undefined ? {} : { annotations: decodeAnnotations(annotations) }),
    ...(delAnnotations === undefined ? {} : { delAnnotations: decodeNames(delAnnotations) }),
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

function decodeNames(value: Json): string[] {
  if (!Array.isArray(value)) throw malformed("'delAnnotations' must be an array of strings");
  return value.map((name) => {
    if (typeof name !== 'string') throw malformed("'delAnnotations' must be an array of strings");
    return name;
  });
}

function decodeLimits(value: Json): Partial<ActionLimits> {
  if (!isJsonObject(value)) throw malformed(errorTexts.limitMalformed('limits'));
  const limits: Partial<ActionLimits> = {};
  for (const [key, name] of Object.entries(limitNames)) {
    const limit = member(value, key);
    if (limit === undefined || limit === null) continue;
    if (typeof limit !== 'number') throw malformed(errorTexts.limitMalformed(name));
    if (!Number.isInteger(limit)) throw malformed(errorTexts.limitNotWhole(name));
    limits[key as keyof ActionLimits] = limit;
  }
  return limits;
}

function decodeParameters(value: Json): Parameter[] {
  return decodeKeyed(value, (entry, pair) =>
    member(entry, 'init') === true ? { ...pair, init: true } : pair,
  );
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
