import { attempt } from '../cli-error.ts';
import { expectJson } from '../client/read-reply.ts';
import { collectionRoute } from '../client/whisk-client.ts';
import type { CommandRunner } from '../command/description.ts';
import { bold } from '../output/output.ts';
import { byName, entityLines, entityRows, readEntity } from '../output/rows.ts';
import { jsonElements } from '../values/json-text.ts';
import { parseNamespaceOrName, urlPath } from '../values/qualified-name.ts';

/** `wsk action list`. */
export const listActions: CommandRunner = async (context) => {
  const { options, output, settings } = context;
  const { namespace, entity } = parseNamespaceOrName(context.arguments[0], settings.namespace);
  const collection = collectionRoute(namespace, 'actions');
  const what = `Unable to obtain the list of actions for namespace '${namespace}'`;
  const elements = await attempt(what, async () => {
    const client = await context.client();
    const reply = await client.send({
      method: 'GET',
      route: entity === undefined ? collection : `${collection}/${urlPath(entity)}/`,
      query: { limit: options.integer('limit'), skip: options.integer('skip') },
    });
    return jsonElements(expectJson(reply));
  });
  const actions = elements.map((json) => ({ ...readEntity(json), json }));
  if (options.flag('name-sort')) actions.sort(byName);
  if (output.format !== 'text') {
    output.documents(actions.map(({ json }) => json));
    return 0;
  }
  output.line(bold('actions'));
  for (const line of entityLines(entityRows.actions, actions, output.columns)) output.line(line);
  return 0;
};
