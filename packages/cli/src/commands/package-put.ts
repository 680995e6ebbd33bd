import type { CommandContext, CommandRunner } from '../command/description.ts';
import { bold, ok } from '../output/output.ts';
import { parseEntityName } from '../values/entity-name.ts';
import { jsonObject, keyValueJson } from '../values/json-text.ts';
import { parametersJson } from '../values/parameters.ts';
import { namedEntity, putEntity } from './entity-requests.ts';
import { givenParameters } from './given-parameters.ts';
import { attempt } from '../cli-error.ts';
import { expectSuccess } from '../client/read-reply.ts';
import { entityRoute } from '../client/whisk-client.ts';

function entriesOf(context: CommandContext): [string, string | undefined][] {
  const [annotations, parameters] = [context.options.entries('annotation'), givenParameters(context)];
  return [
    ['annotations', annotations && keyValueJson(annotations)],
    ['parameters', parameters && parametersJson(parameters)],
  ];
}

function publishJson(shared: string | undefined): string | undefined {
  return shared === undefined ? undefined : String(shared === 'yes');
}

async function put(context: CommandContext, verb: 'create' | 'update'): Promise<number> {
  const { options, output } = context;
  const name = namedEntity(context, 'package');
  const body = jsonObject([
    ['namespace', JSON.stringify(name.namespace)],
    ['name', JSON.stringify(name.entity)],
    ['publish', publishJson(options.text('shared'))],
    ...entriesOf(context),
  ]);
  const text = await putEntity(context, { noun: 'package', name, verb, body });
  output.line(ok, ` ${verb}d package `, bold(name.entity));
  if (output.format !== 'text') output.document(text);
  return 0;
}

/** `wsk package create`. */
export const createPackage: CommandRunner = (context) => put(context, 'create');

/** `wsk package update`. */
export const updatePackage: CommandRunner = (context) => put(context, 'update');

/** `wsk package bind`. Annotations and parameters are always sent: a binding has them, be they none. */
export const bindPackage: CommandRunner = async (context) => {
  const { options, output, settings } = context;
  const [provider = '', written = ''] = context.arguments;
  const source = parseEntityName(provider, 'package', settings.namespace);
  const name = parseEntityName(written, 'package', settings.namespace);
  const body = jsonObject([
    ['annotations', keyValueJson(options.entries('annotation') ?? new Map())],
    ['parameters', parametersJson(givenParameters(context) ?? new Map())],
    ['binding', JSON.stringify({ namespace: source.namespace, name: source.entity })],
  ]);
  const text = await attempt(`Unable to create binding '${name.entity}'`, async () => {
    const client = await context.client();
    const query = { overwrite: options.flag('overwrite') };
    const reply = await client.send({ method: 'PUT', route: entityRoute('packages', name), query, body });
    expectSuccess(
      reply,
      reply.status === 409 && !query.overwrite ? ['To replace a binding of that name, add --overwrite.'] : [],
    );
    return reply.text;
  });
  output.line(ok, ' created binding ', bold(name.entity));
  if (output.format !== 'text') output.document(text);
  return 0;
};
