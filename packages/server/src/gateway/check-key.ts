import type { IncomingHttpHeaders } from 'node:http';

import type { ApiKeys } from './api-keys.ts';
import type { CompiledOperation, KeyDemand } from './compiled-api.ts';

function textOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function shownFor(demand: KeyDemand, headers: IncomingHttpHeaders): { id: string; secret: string } {
  if (demand.kind === 'pair') {
    return { id: textOf(headers, demand.idHeader), secret: textOf(headers, demand.secretHeader) };
  }
  const key = textOf(headers, demand.header);
  const dot = key.indexOf('.');
  return dot === -1 ? { id: '', secret: '' } : { id: key.slice(0, dot), secret: key.slice(dot + 1) };
}

/** Whose request it is: a key's id, nobody's in particular, or nobody who may. */
export type Shown = { readonly key: string | undefined } | 'refused';

/** Looks for a key that satisfies one of the operation's demands. */
export async function checkKey(
  keys: Pick<ApiKeys, 'check'>,
  { demands }: CompiledOperation,
  call: { readonly namespace: string; readonly basePath: string; readonly headers: IncomingHttpHeaders },
): Promise<Shown> {
  if (demands.length === 0) return { key: undefined };
  for (const demand of demands) {
    const key = await keys.check(call.namespace, call.basePath, shownFor(demand, call.headers));
    if (key !== undefined) return { key };
  }
  return 'refused';
}
