import { attempt, CliError } from '../cli-error.ts';
import { expectJson } from '../client/read-reply.ts';
import { collectionRoute } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { bold, ok } from '../output/output.ts';
import { formatDateTime } from '../output/rows.ts';
import { jsonElements, jsonMembers } from '../values/json-text.ts';

function textOf(members: ReadonlyMap<string, string>, name: string): string {
  const json = members.get(name);
  return json?.startsWith('"') ? (JSON.parse(json) as string) : (json ?? '');
}

function routeOf({ settings }: CommandContext): string {
  return collectionRoute(settings.namespace, 'apikeys');
}

/** `wsk api key create`. */
export const createApiKey: CommandRunner = async (context) => {
  const { output } = context;
  const [basepath = '', name = ''] = context.arguments;
  const json = await attempt('Unable to create an API key', async () => {
    const client = await context.client();
    const body = JSON.stringify({ basepath, name });
    return expectJson(await client.send({ method: 'POST', route: routeOf(context), body }));
  });
  const made = jsonMembers(json);
  output.line(
    ok,
    ' created API key ',
    bold(textOf(made, 'id')),
    ` of ${name} for ${textOf(made, 'basepath')}`,
  );
  output.line(textOf(made, 'key'));
  if (output.format === 'text') output.note('Keep it: it cannot be shown again.');
  else output.document(json);
  return 0;
};

/** `wsk api key list`. */
export const listApiKeys: CommandRunner = async (context) => {
  const { output } = context;
  const [basepath] = context.arguments;
  const json = await attempt('Unable to obtain the list of API keys', async () => {
    const client = await context.client();
    return expectJson(await client.send({ method: 'GET', route: routeOf(context), query: { basepath } }));
  });
  const keys = jsonElements(json);
  if (output.format !== 'text') {
    output.documents(keys);
    return 0;
  }
  output.line(bold('API keys'));
  for (const key of keys.map(jsonMembers)) {
    const created = formatDateTime(Number(textOf(key, 'created')));
    output.line(
      `${textOf(key, 'id')} ${created} ${textOf(key, 'basepath').padEnd(20)} ${textOf(key, 'name')}`,
    );
  }
  return 0;
};

/** `wsk api key delete`. */
export const deleteApiKey: CommandRunner = async (context) => {
  const { output } = context;
  const [id = ''] = context.arguments;
  if (!/^[0-9a-f]{32}$/.test(id)) {
    throw new CliError(`'${id}' is no id of an API key`, { hints: ['See the ids with: wsk api key list'] });
  }
  const json = await attempt(`Unable to delete API key '${id}'`, async () => {
    const client = await context.client();
    return expectJson(await client.send({ method: 'DELETE', route: `${routeOf(context)}/${id}` }));
  });
  output.line(ok, ' deleted API key ', bold(id));
  if (output.format !== 'text') output.document(json);
  return 0;
};
