import { parse } from 'node:querystring';

import { errorTexts } from '@vibrissa/protocol';
import { malformedQuery } from './request-error.ts';

/** Query parameters as they came; of several with one name the first counts. */
export type Query = { readonly [name: string]: string | readonly string[] | undefined };

/** The query behind the `?` of a URL. Most have no escapes, and need no parser. */
export function parseQuery(text: string): Query {
  if (/[%+]/.test(text)) return parse(text) as Query;
  const query: { [name: string]: string } = Object.create(null) as { [name: string]: string };
  for (const pair of text.split('&')) {
    const mark = pair.indexOf('=');
    const name = mark === -1 ? pair : pair.slice(0, mark);
    query[name] ??= mark === -1 ? '' : pair.slice(mark + 1);
  }
  return query;
}

/** One parameter's text; undefined when it is absent. */
export function textOf(query: Query, name: string): string | undefined {
  const value = query[name];
  return value === undefined || typeof value === 'string' ? value : value[0];
}

const booleans = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/** One parameter as a boolean. */
export function booleanOf(query: Query, name: string, fallback: boolean): boolean {
  const text = textOf(query, name);
  if (text === undefined) return fallback;
  const value = booleans.get(text.toLowerCase());
  if (value === undefined) throw malformedQuery(name, errorTexts.notBoolean(text));
  return value;
}

const INTEGER = /^[+-]?\d{1,9}$/;

export interface Page {
  readonly skip: number;
  readonly limit: number;
  readonly count: boolean;
}

function integerOf(query: Query, name: string, collection: string): number | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  if (!INTEGER.test(text)) throw malformedQuery(name, errorTexts.notAnInteger(text, collection));
  return Number(text);
}

/** `skip`, `limit` and `count` of a list; a limit of 0 asks for the most there may be. */
export function pageOf(
  query: Query,
  collection: string,
  bounds: { readonly std: number; readonly max: number },
): Page {
  const limit = integerOf(query, 'limit', collection) ?? bounds.std;
  if (limit < 0 || limit > bounds.max) {
    throw malformedQuery('limit', errorTexts.limitOutOfRange(limit, bounds.max, collection));
  }
  const skip = integerOf(query, 'skip', collection) ?? 0;
  if (skip < 0) throw malformedQuery('skip', errorTexts.skipOutOfRange(skip, collection));
  return { skip, limit: limit === 0 ? bounds.max : limit, count: booleanOf(query, 'count', false) };
}
