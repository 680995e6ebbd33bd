import { errorTexts, type Json } from '@vibrissa/protocol';
import { httpResult } from './http-result.ts';
import { prettyJson } from './pretty-json.ts';
import type { Extension } from './web-address.ts';
import { entity, refusedResult, type WebResult } from './web-result.ts';

const JSON_TYPE = 'application/json';

/** `body`, or the field of the extension's name, or the whole of what is no object. */
function contentOf(result: Json, field: string): Json | undefined {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return result;
  if (Object.hasOwn(result, 'body')) return result['body'];
  return Object.hasOwn(result, field) ? result[field] : undefined;
}

function textOnly(content: Json | undefined, type: string, charset: string): WebResult {
  return typeof content === 'string'
    ? entity(`${type}${charset}`, content)
    : refusedResult(400, errorTexts.webResponseInvalid(type));
}

function plainText(content: Json | undefined): WebResult {
  if (content === undefined) return refusedResult(404, errorTexts.webPropertyMissing);
  const text = typeof content === 'string' ? content : prettyJson(JSON.stringify(content));
  return entity('text/plain; charset=UTF-8', text);
}

/** A result as the extension of its address has it. `json` is the text of `result`. */
export function transcode(extension: Extension, result: Json, json: string): WebResult {
  switch (extension) {
    case 'http':
      return httpResult(result);
    case 'json':
      return typeof result === 'object' && result !== null
        ? entity(JSON_TYPE, prettyJson(json))
        : refusedResult(400, errorTexts.webResponseInvalid(JSON_TYPE));
    case 'html':
      return textOnly(contentOf(result, 'html'), 'text/html', '; charset=UTF-8');
    case 'svg':
      return textOnly(contentOf(result, 'svg'), 'image/svg+xml', '');
    case 'text':
      return plainText(contentOf(result, 'text'));
  }
}
