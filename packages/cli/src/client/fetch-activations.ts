import { jsonElements } from '../values/json-text.ts';
import { expectJson } from './read-reply.ts';
import { collectionRoute, type WhiskClient } from './whisk-client.ts';

/** What a list of activations is asked for; times are epoch milliseconds. */
export interface ActivationQuery {
  readonly namespace: string;
  readonly name?: string | undefined;
  readonly limit: number;
  readonly skip: number;
  readonly since?: number | undefined;
  readonly upto?: number | undefined;
  readonly docs?: true | undefined;
  readonly signal?: AbortSignal;
}

/** Activations as JSON texts, newest first. */
export async function fetchActivations(client: WhiskClient, query: ActivationQuery): Promise<string[]> {
  const { namespace, signal, name, limit, skip, since, upto, docs } = query;
  const reply = await client.send({
    method: 'GET',
    route: collectionRoute(namespace, 'activations'),
    query: { name, limit, skip, since, upto, docs },
    ...(signal && { signal }),
  });
  return jsonElements(expectJson(reply));
}
