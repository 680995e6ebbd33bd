import { errorTexts, memberTextsOf, type Json } from '@vibrissa/protocol';
import { httpResult } from './http-result.ts';
import { prettyJson } from './pretty-json.ts';
import type { Extension } from './web-address.ts';
import { entity, refusedResult, type WebResult } from './web-result.ts';

const JSON_TYPE = 'application/json';

/** The text of `body`, or of the field of the extension's name, or of the whole of what is no object. */
function contentOf(result: Json, json: string, field: string): string | undefined {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return json;
  const texts = memberTextsOf(json);
  return texts.get('body') ?? texts.get(field);
}

function textOnly(contentJson: string | undefined, type: string, charset: string): WebResult {
  const text = contentJson?.startsWith('"') ? (JSON.parse(contentJson) as string) : undefined;
  return text === undefined
    ? refusedResult(400, errorTexts.webResponseInvalid(type))
    : entity(`${type}${charset}`, text);
}

function plainText(contentJson: string | undefined): WebResult {
  if (contentJson === undefined) return refusedResult(404, errorTexts.webPropertyMissing);
  const text = contentJson.startsWith('"') ? (JSON.parse(contentJson) as string) : prettyJson(contentJson);
  return entity('text/plain; charset=UTF-8', text);
}

/** A result as the extension of its address has it. `json` is the text of `result`. */
export function transcode(extension: Extension, result: Json, json: string): WebResult {
  switch (extension) {
    case 'http':
      return httpResult(result, json);
    case 'json':
      return typeof result === 'object' && result !== null
        ? entity(JSON_TYPE, prettyJson(json))
        : refusedResult(400, errorTexts.webResponseInvalid(JSON_TYPE));
    case 'html':
      return textOnly(contentOf(result, json, 'html'), 'text/html', '; charset=UTF-8');
    case 'svg':
      return textOnly(contentOf(result, json, 'svg'), 'image/svg+xml', '');
    case 'text':
      return plainText(contentOf(result, json, 'text'));
  }
}
