import { isUtf8 } from 'node:buffer';

import type { Json, JsonObject } from '@vibrissa/protocol';
import type { Payload } from '../../controller/invocation/merge-parameters.ts';
import { isJsonObject, readJsonBody } from '../../http/json-body.ts';

const MAX_FIELDS = 1000;

function payloadOf(value: JsonObject): Payload {
  return { json: JSON.stringify(value), value };
}

/** Fields by name; of several with one name, all. */
function readForm(text: string): JsonObject {
  const fields = new Map<string, Json>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    if (++count > MAX_FIELDS) break;
    const known = fields.get(name);
    if (known === undefined) fields.set(name, value);
    else if (Array.isArray(known)) known.push(value);
    else fields.set(name, [known, value]);
  }
  return Object.fromEntries(fields);
}

/**
 * What a body gives to the trigger. A JSON object and a form give their members; other JSON and text become the member
 * `payload`; all else becomes base64, which `encoding` says. Throws 400 for JSON that is none.
 */
export function readDelivery(body: Buffer, contentType: string | undefined): Payload {
  if (body.length === 0) return payloadOf({});
  const type = (contentType ?? 'application/octet-stream').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) {
    const read = readJsonBody(body, 'application/json');
    if (isJsonObject(read?.value)) return { json: read?.json ?? '{}', value: read.value };
    return payloadOf({ payload: read?.value ?? null });
  }
  const isText = isUtf8(body);
  if (isText && type === 'application/x-www-form-urlencoded') return payloadOf(readForm(body.toString()));
  if (isText && (type.startsWith('text/') || type.endsWith('+xml') || type === 'application/xml')) {
    return payloadOf({ payload: body.toString() });
  }
  return payloadOf({ payload: body.toString('base64'), encoding: 'base64', contentType: type });
}
