import { isUtf8 } from 'node:buffer';

import { errorTexts, isShallow, type Json, type JsonObject } from '@vibrissa/protocol';
import { isJsonType } from './accept.ts';
import { malformed, RequestError } from './request-error.ts';

/** Deeper nesting is refused before it is parsed: a parser that recurses would end the process. */
const MAX_DEPTH = 1000;

/** A body as text and as the value it means; `__proto__` and `constructor` are members like any other. */
export interface JsonBody {
  readonly json: string;
  readonly value: Json;
}

/** The JSON of a body; undefined when there is none. Throws 400 and 415 as OpenWhisk words them. */
export function readJsonBody(
  body: Buffer | undefined,
  contentType: string | undefined,
): JsonBody | undefined {
  if (body === undefined || body.length === 0) return undefined;
  if (!isJsonType(contentType)) {
    throw new RequestError(415, errorTexts.unsupportedContentType(contentType ?? 'application/octet-stream'));
  }
  if (!isUtf8(body)) throw malformed('The text is not valid UTF-8.');
  const json = body.toString('utf8');
  if (!isShallow(json, MAX_DEPTH)) throw malformed(`JSON is nested deeper than ${MAX_DEPTH} levels.`);
  return { json, value: parse(json) };
}

function parse(json: string): Json {
  try {
    return JSON.parse(json) as Json;
  } catch (error) {
    throw malformed(error instanceof SyntaxError ? error.message : 'The text is not valid JSON.');
  }
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A body that must be there and be an object. */
export function requireObject(body: JsonBody | undefined): JsonObject {
  if (body === undefined) throw new RequestError(400, errorTexts.bodyMissing);
  if (!isJsonObject(body.value)) throw malformed(errorTexts.objectExpected);
  return body.value;
}
