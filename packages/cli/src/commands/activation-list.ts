import { attempt } from '../cli-error.ts';
import { expectJson } from '../client/read-reply.ts';
import { collectionRoute, type WhiskClient } from '../client/whisk-client.ts';
import type { CommandRunner } from '../command/description.ts';
import { bold } from '../output/output.ts';
import { activationTable, readActivation } from '../output/rows.ts';
import { jsonElements } from '../values/json-text.ts';
import { parseNamespaceOrName } from '../values/qualified-name.ts';

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

/** `wsk activation list`. */
export const listActivations: CommandRunner = async (context) => {
  const { options, output, settings } = context;
  const { namespace, entity } = parseNamespaceOrName(context.arguments[0], settings.namespace);
  const full = options.flag('full');
  const what = `Unable to obtain the list of activations for namespace '${namespace}'`;
  const activations = await attempt(what, async () =>
    fetchActivations(await context.client(), {
      namespace,
      name: entity,
      limit: options.integer('limit') ?? 0,
      skip: options.integer('skip') ?? 0,
      since: options.integer('since') || undefined,
      upto: options.integer('upto') || undefined,
      docs: full || undefined,
    }),
  );
  if (output.format !== 'text') output.documents(activations);
  else if (full || activations.length === 0) {
    output.line(bold('activations'));
    for (const activation of activations) output.document(activation);
  } else {
    const [header, ...rows] = activationTable(activations.map(readActivation));
    output.line(bold(header));
    for (const row of rows) output.line(row);
  }
  return 0;
};
