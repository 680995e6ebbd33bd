import { errorTexts, isEntityName, type SystemLimits } from '@vibrissa/protocol';
import { booleanOf, pageOf, textOf, type Page, type Query } from '../../http/query.ts';
import { malformedQuery, RequestError } from '../../http/request-error.ts';

/** What a list of activations is asked for, without the namespace. */
export interface ActivationFilter extends Page {
  readonly docs: boolean;
  readonly name?: string;
  readonly since?: number;
  readonly upto?: number;
}

// Before 1970 there was nothing, but whoever subtracts too much may ask for it.
const EPOCH_MS = /^-?\d{1,15}$/;

function nameOf(query: Query): string | undefined {
  const name = textOf(query, 'name')?.trim();
  if (name === undefined || name === '') return undefined;
  // As in any path, slashes before, behind and beside each other part nothing.
  const segments = name.split('/').filter((segment) => segment !== '');
  if (segments.length === 0 || segments.length > 2 || !segments.every(isEntityName)) {
    throw malformedQuery('name', errorTexts.activationName(name));
  }
  return segments.join('/');
}

function timeOf(query: Query, parameter: 'since' | 'upto'): number | undefined {
  const text = textOf(query, parameter);
  if (text === undefined) return undefined;
  if (!EPOCH_MS.test(text)) throw malformedQuery(parameter, errorTexts.activationTime(text));
  return Number(text);
}

/** Reads the query of `GET …/activations`. Throws 400. */
export function activationFilterOf(query: Query, limits: SystemLimits): ActivationFilter {
  const page = pageOf(query, 'activations', limits.listLimit);
  const docs = booleanOf(query, 'docs', false);
  if (page.count && docs) throw new RequestError(400, errorTexts.docsWithCount);
  const name = nameOf(query);
  const since = timeOf(query, 'since');
  const upto = timeOf(query, 'upto');
  return {
    ...page,
    docs,
    ...(name === undefined ? {} : { name }),
    ...(since === undefined ? {} : { since }),
    ...(upto === undefined ? {} : { upto }),
  };
}

const ACTIVATION_ID = /^[0-9a-f]{32}$/;

/** An activation id of a path. Throws 400. */
export function checkActivationId(id: string): string {
  if (id.length !== 32) throw new RequestError(400, errorTexts.activationIdLength(id.length));
  if (!ACTIVATION_ID.test(id)) throw new RequestError(400, errorTexts.activationIdIllegal);
  return id;
}
