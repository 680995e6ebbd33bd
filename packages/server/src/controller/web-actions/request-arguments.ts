import type { IncomingHttpHeaders } from 'node:http';

import { errorTexts, type JsonObject } from '@vibrissa/protocol';
import { isJsonObject, readJsonBody } from '../../http/json-body.ts';
import { RequestError } from '../../http/request-error.ts';
import { transportHeaders } from '../../http/transport-headers.ts';
import type { Payload } from '../invocation/merge-parameters.ts';
import { isBinary, isJsonFamily, parseMediaType, type MediaType } from './media-type.ts';

/** A request as a web action's arguments are made of it. */
export interface WebRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** What follows the action in the path. */
  readonly path: string;
  readonly query: string;
  readonly body: Buffer | undefined;
  /** Namespace of a caller whose credentials were right. */
  readonly caller: string | undefined;
}

type Fields = { readonly [name: string]: string };

/** The body: fields to be merged as JSON text and as values, or one opaque value. */
type Body =
  | { readonly as: 'nothing' }
  | { readonly as: 'fields'; readonly json: string; readonly value: JsonObject }
  | { readonly as: 'value'; readonly json: string };

const reserved = new Set([
  '__ow_method',
  '__ow_headers',
  '__ow_path',
  '__ow_user',
  '__ow_query',
  '__ow_body',
]);

const UNKNOWN_TYPE = 'application/octet-stream';

function hasBody(body: Buffer | undefined): body is Buffer {
  return body !== undefined && body.length > 0;
}

function headersOf({ headers, body }: WebRequest): Fields {
  const entries: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !transportHeaders.has(name)) {
      entries.push([name, typeof value === 'string' ? value : value.join(', ')]);
    }
  }
  if (headers['content-type'] === undefined && hasBody(body)) entries.push(['content-type', UNKNOWN_TYPE]);
  return Object.fromEntries(entries);
}

/** Fields of a query or form; of several with one name the last counts. */
function fieldsOf(text: string): Fields {
  return text === '' ? {} : Object.fromEntries(new URLSearchParams(text));
}

function mediaTypeOf({ headers }: WebRequest): MediaType {
  const given = headers['content-type'] ?? UNKNOWN_TYPE;
  const type = parseMediaType(given);
  if (!type) throw new RequestError(400, errorTexts.webContentTypeUnsupported(given));
  return type;
}

function readBody(request: WebRequest): Body {
  const { body } = request;
  if (!hasBody(body)) return { as: 'nothing' };
  const type = mediaTypeOf(request);
  if (isJsonFamily(type)) {
    const parsed = readJsonBody(body, 'application/json');
    if (!parsed) return { as: 'nothing' };
    const { json, value } = parsed;
    return isJsonObject(value) ? { as: 'fields', json, value } : { as: 'value', json };
  }
  if (type.name === 'application/x-www-form-urlencoded') {
    const value = fieldsOf(body.toString('utf8'));
    return { as: 'fields', json: JSON.stringify(value), value };
  }
  return { as: 'value', json: JSON.stringify(body.toString(isBinary(type) ? 'base64' : 'utf8')) };
}

function metadataOf(request: WebRequest): JsonObject {
  return {
    __ow_method: request.method.toLowerCase(),
    __ow_headers: headersOf(request),
    __ow_path: request.path,
    ...(request.caller !== undefined && { __ow_user: request.caller }),
  };
}

function definesAny(value: object, names: ReadonlySet<string>): boolean {
  return Object.keys(value).some((name) => names.has(name));
}

/** The request as it came, query and body unread. JSON is base64 too: OpenWhisk's actions expect it so. */
function rawArguments(request: WebRequest): Payload {
  const { body } = request;
  let text = '';
  if (hasBody(body)) {
    const type = mediaTypeOf(request);
    text = body.toString(isBinary(type) || type.name === 'application/json' ? 'base64' : 'utf8');
  }
  const value = { ...metadataOf(request), __ow_query: request.query, __ow_body: text };
  return { json: JSON.stringify(value), value };
}

/** Members of one object's text before those of another, which has at least one. */
function joined(first: JsonObject, json: string): string {
  return `${JSON.stringify(first).slice(0, -1)},${json.slice(json.indexOf('{') + 1)}`;
}

/**
 * The arguments that a request means: what the platform says of it, then its query, then its body. The text of a JSON
 * body is used as it came, so that its numbers stay what they are. Throws 400 for what it may not define, and for a body
 * that is not what it says.
 */
export function requestArguments(
  request: WebRequest,
  options: { readonly isRaw: boolean; readonly final: ReadonlySet<string> },
): Payload {
  if (options.isRaw) return rawArguments(request);
  const query = fieldsOf(request.query);
  const body = readBody(request);
  const fields = body.as === 'fields' ? body.value : {};
  for (const defined of [query, fields]) {
    if (definesAny(defined, reserved) || definesAny(defined, options.final)) {
      throw new RequestError(400, errorTexts.reservedParameters);
    }
  }
  const own: JsonObject = { ...metadataOf(request), ...query };
  if (body.as === 'nothing') return { json: JSON.stringify(own), value: own };
  if (body.as === 'value') {
    const value = { ...own, __ow_body: JSON.parse(body.json) as JsonObject[string] };
    return { json: joined(own, `{"__ow_body":${body.json}}`), value };
  }
  if (Object.keys(fields).length === 0) return { json: JSON.stringify(own), value: own };
  const before = Object.fromEntries(Object.entries(own).filter(([name]) => !Object.hasOwn(fields, name)));
  return { json: joined(before, body.json), value: { ...own, ...fields } };
}
