import type { Json, JsonObject } from '@vibrissa/protocol';

/** A header of an answer; names as the action wrote them. */
export type Header = readonly [name: string, value: string];

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
/** Line ends would begin another header or answer, other control characters are not allowed either. */
const FORBIDDEN = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** They speak of the connection or frame the answer: the platform's own business. */
const framing = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The platform sets them on every answer. */
const own = new Set(['x-request-id', 'x-openwhisk-activation-id']);

const MAX_HEADERS = 128;
/** Names and values together. */
const MAX_BYTES = 16 * 1024;

function valuesOf(value: Json): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  if (typeof value === 'boolean' || typeof value === 'number') return [String(value)];
  if (!Array.isArray(value)) return undefined;
  const values: string[] = [];
  for (const inner of value) {
    if (typeof inner !== 'string' && typeof inner !== 'boolean' && typeof inner !== 'number')
      return undefined;
    values.push(String(inner));
  }
  return values;
}

/** HTTP carries bytes: what is not ASCII goes as UTF-8. */
function asBytes(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

/**
 * The headers that an action wants: a text, number or boolean each, or a list of those. Undefined when one of them could
 * change where the answer ends or what the next one is, or when they are too many or too large.
 */
export function responseHeaders(wanted: JsonObject): readonly Header[] | undefined {
  const headers: Header[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(wanted)) {
    const values = valuesOf(value);
    const lower = name.toLowerCase();
    if (!values || !NAME.test(name) || framing.has(lower)) return undefined;
    for (const text of values) {
      const line = asBytes(text);
      bytes += name.length + line.length;
      if (FORBIDDEN.test(line) || bytes > MAX_BYTES || headers.length >= MAX_HEADERS) return undefined;
      if (!own.has(lower)) headers.push([name, line.trim()]);
    }
  }
  return headers;
}
