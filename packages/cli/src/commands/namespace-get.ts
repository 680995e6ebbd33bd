import { attempt } from '../cli-error.ts';
import { expectJson } from '../client/read-reply.ts';
import { collectionRoute, type WhiskClient } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { bold } from '../output/output.ts';
import { byName, entityLines, entityRows, readEntity } from '../output/rows.ts';
import { jsonElements, jsonObject } from '../values/json-text.ts';
import { parseNamespace } from '../values/entity-name.ts';
import { withRuleStatus } from './rule-get.ts';

type Collection = keyof typeof entityRows;
const collections = Object.keys(entityRows) as Collection[];

/** A platform may serve actions only; what it does not know it has none of. */
async function fetchCollection(
  client: WhiskClient,
  namespace: string,
  collection: Collection,
): Promise<string[]> {
  const reply = await client.send({
    method: 'GET',
    route: collectionRoute(namespace, collection),
    query: { limit: 0, skip: 0 },
  });
  if (reply.status === 404 && collection !== 'actions') return [];
  return jsonElements(expectJson(reply));
}

async function fetchAll(context: CommandContext, namespace: string): Promise<Map<Collection, string[]>> {
  const found = new Map<Collection, string[]>();
  await attempt(`Unable to obtain the list of entities for namespace '${namespace}'`, async () => {
    const client = await context.client();
    for (const collection of collections) {
      const elements = await fetchCollection(client, namespace, collection);
      const isRules = collection === 'rules';
      found.set(
        collection,
        isRules
          ? await Promise.all(elements.map((rule) => withRuleStatus(client, namespace, rule)))
          : elements,
      );
    }
  });
  return found;
}

/** `wsk namespace get` and `wsk list`. */
export const getNamespace: CommandRunner = async (context) => {
  const { options, output, settings } = context;
  const namespace = parseNamespace(context.arguments[0], settings.namespace);
  const found = await fetchAll(context, namespace);
  if (output.format !== 'text') {
    output.document(jsonObject(Array.from(found, ([name, elements]) => [name, `[${elements.join(',')}]`])));
    return 0;
  }
  output.line('Entities in namespace: ', bold(namespace === '_' ? 'default' : namespace));
  for (const [collection, elements] of found) {
    const entities = elements.map(readEntity);
    if (options.flag('name-sort')) entities.sort(byName);
    output.line(bold(collection));
    for (const line of entityLines(entityRows[collection], entities, output.columns)) output.line(line);
  }
  return 0;
};

/** The namespaces of the key in use, as JSON texts. */
export async function fetchNamespaces(client: WhiskClient): Promise<string[]> {
  return jsonElements(expectJson(await client.send({ method: 'GET', route: 'namespaces' })));
}

/** `wsk namespace list`. */
export const listNamespaces: CommandRunner = async (context) => {
  const { output } = context;
  const namespaces = await attempt('Unable to obtain the list of available namespaces', async () =>
    fetchNamespaces(await context.client()),
  );
  if (output.format !== 'text') output.documents(namespaces);
  output.line(bold('namespaces'));
  for (const namespace of namespaces) output.line(JSON.parse(namespace) as string);
  return 0;
};
