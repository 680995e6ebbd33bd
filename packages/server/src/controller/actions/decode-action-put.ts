import {
  errorTexts,
  type ActionLimits,
  type Json,
  type JsonObject,
  type KnownRuntimes,
} from '@vibrissa/protocol';
import { isJsonObject } from '../../http/json-body.ts';
import { malformed } from '../../http/request-error.ts';
import { decodeEntityPut } from '../entities/entity-put.ts';
import { member } from '../entities/member.ts';
import type { ActionPut } from './action-put.ts';
import { decodeExec } from './decode-exec.ts';

/** Members of `limits` and how OpenWhisk calls them when they are wrong. */
const limitNames = {
  timeout: 'time limit',
  memory: 'memory limit',
  logs: 'log limit',
  concurrency: 'intra concurrency limit',
  instances: 'instance concurrency limit',
} as const satisfies { [limit in keyof ActionLimits]-?: string };

/** Reads a PUT body. Unknown members are ignored, as clients send `name` and `namespace` too. Throws 400. */
export function decodeActionPut(
  body: JsonObject,
  known: { readonly runtimes: KnownRuntimes; readonly ownNamespace: string },
): ActionPut {
  const given = (name: string) => member(body, name) ?? undefined;
  const exec = given('exec');
  const limits = given('limits');
  const delAnnotations = given('delAnnotations');
  return {
    ...(exec === undefined ? {} : { exec: decodeExec(exec, known) }),
    ...(limits === undefined ? {} : { limits: decodeLimits(limits) }),
    ...decodeEntityPut(body),
    ...(delAnnotations === undefined ? {} : { delAnnotations: decodeNames(delAnnotations) }),
  };
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
