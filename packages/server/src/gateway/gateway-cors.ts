import type { IncomingHttpHeaders } from 'node:http';

import type { Answer } from '../http/answer.ts';
import type { CompiledApi, CompiledPath } from './compiled-api.ts';

const none: readonly string[] = [];

/** The methods of a path as HTTP writes them; `OPTIONS` where the gateway answers it. */
export function methodsOf(path: CompiledPath, { cors }: CompiledApi): string[] {
  const methods = [...path.keys()].map((verb) => verb.toUpperCase());
  return cors === true && !methods.includes('OPTIONS') ? [...methods, 'OPTIONS'] : methods;
}

/** The headers that let browsers of any origin in, names and values in turn. No cookie of a user goes along. */
export function corsHeadersOf(
  found: { readonly api: CompiledApi; readonly path: CompiledPath },
  headers: IncomingHttpHeaders,
): readonly string[] {
  if (found.api.cors !== true) return none;
  const asked = headers['access-control-request-headers'];
  return [
    'Access-Control-Allow-Origin',
    '*',
    'Access-Control-Allow-Methods',
    methodsOf(found.path, found.api).join(', '),
    ...(typeof asked === 'string' ? ['Access-Control-Allow-Headers', asked] : []),
  ];
}

/** Where the API says who is let in, the action's own word on it is taken back. */
export function withCors(answer: Answer, api: CompiledApi, cors: readonly string[]): Answer {
  if (api.cors === undefined) return answer;
  const headers = answer.headers ?? none;
  const kept = headers.filter((_, index) => !/^access-control-/i.test(headers[index - (index % 2)] ?? ''));
  return { ...answer, headers: kept, cors };
}
