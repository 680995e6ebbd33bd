import { errorTexts, memberTextsOf, type Json, type JsonObject } from '@vibrissa/protocol';
import { contentTypeOf, isBinary, isJsonFamily, parseMediaType, type MediaType } from './media-type.ts';
import { prettyJson } from './pretty-json.ts';
import { responseHeaders, type Header } from './response-headers.ts';
import { refusedResult, type WebResult } from './web-result.ts';

const HTML = { name: 'text/html', parameters: '', hasCharset: false };
const JSON_TYPE = { name: 'application/json', parameters: '', hasCharset: false };
const SVG = 'image/svg+xml';

const malformedResult = refusedResult(400, errorTexts.webResponseInvalid('message/http'));
const wrongType = refusedResult(400, errorTexts.webContentTypeMismatch);
const unknownType = refusedResult(400, errorTexts.webContentTypeUnknown);

/** Lower ones are not the last of their request, higher ones are none. */
function statusOf(value: Json): number | undefined {
  const status = typeof value === 'string' && /^\+?\d{1,4}$/.test(value) ? Number(value) : value;
  if (typeof status !== 'number' || !Number.isInteger(status)) return undefined;
  return status >= 200 && status <= 599 ? status : undefined;
}

/** The bytes of base64 text; undefined when it is none. */
function decodeBase64(text: string): Buffer | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (padding > 0 && text.length % 4 !== 0) return undefined;
  const digits = text.slice(0, text.length - padding);
  if (digits.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(digits)) return undefined;
  return Buffer.from(text, 'base64');
}

/** Base64 in the place of JSON: OpenWhisk's older actions answer so. */
function decodeLegacy(text: string): Buffer | undefined {
  return text.length % 4 === 0 ? decodeBase64(text) : undefined;
}

function isHeader(header: Header, name: string): boolean {
  return header[0].toLowerCase() === name;
}

/** What an action sends in the end, as it is found to mean it. */
interface Draft {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly type: MediaType;
}

/** The action may say how long its body is, if that is right; the platform says it anyway. */
function finish({ status, headers, type }: Draft, body: string | Buffer): WebResult {
  const length = headers.find((header) => isHeader(header, 'content-length'))?.[1];
  if (length !== undefined && body !== '' && length !== String(Buffer.byteLength(body)))
    return malformedResult;
  const rest = headers.filter((header) => !isHeader(header, 'content-length'));
  return { is: 'answer', status, headers: rest, body, contentType: body === '' ? '' : contentTypeOf(type) };
}

function textResult(draft: Draft, text: string): WebResult {
  const { type } = draft;
  if (isJsonFamily(type)) return finish(draft, decodeLegacy(text) ?? text);
  if (!isBinary(type)) return finish(draft, text);
  const bytes = decodeBase64(text);
  if (bytes) return finish(draft, bytes);
  // Pictures that are text, as people write them.
  return type.name === SVG && text.trimStart().startsWith('<') ? finish(draft, text) : wrongType;
}

function jsonResult(draft: Draft, bodyJson: string): WebResult {
  if (!isJsonFamily(draft.type)) return wrongType;
  return finish(draft, prettyJson(bodyJson));
}

function headersOf(result: JsonObject): readonly Header[] | undefined {
  const wanted = Object.hasOwn(result, 'headers') ? result['headers'] : {};
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return undefined;
  return responseHeaders(wanted);
}

/** `.http`: an action that says status, headers and body itself. `json` is the text of `result`. */
export function httpResult(result: Json, json: string): WebResult {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return malformedResult;
  const headers = headersOf(result);
  if (!headers) return malformedResult;
  const given = Object.hasOwn(result, 'statusCode') ? statusOf(result['statusCode'] as Json) : 'none';
  if (given === undefined) return malformedResult;
  const body = Object.hasOwn(result, 'body') ? (result['body'] as Json) : null;
  const rest = headers.filter((header) => !isHeader(header, 'content-type'));
  if (body === null || body === '') {
    return finish({ status: given === 'none' ? 204 : given, headers: rest, type: HTML }, '');
  }
  const preset = typeof body === 'string' ? HTML : JSON_TYPE;
  const named = headers.find((header) => isHeader(header, 'content-type'))?.[1];
  const type = named === undefined ? preset : parseMediaType(named);
  // JSON doesn't go with what is no type either.
  if (!type) return typeof body === 'string' ? unknownType : wrongType;
  const draft = { status: given === 'none' ? 200 : given, headers: rest, type };
  return typeof body === 'string'
    ? textResult(draft, body)
    : jsonResult(draft, memberTextsOf(json).get('body') as string);
}
