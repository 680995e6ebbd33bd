import { attempt } from '../cli-error.ts';
import { expectJson, expectSuccess } from '../client/read-reply.ts';
import type { HttpReply } from '../client/send-request.ts';
import { collectionRoute, entityRoute, type WhiskClient } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { bold, ok } from '../output/output.ts';
import { byName, entityLines, entityRows, readEntity } from '../output/rows.ts';
import { parseEntityName, parseNamespace } from '../values/entity-name.ts';
import { jsonElements } from '../values/json-text.ts';
import type { QualifiedName } from '../values/qualified-name.ts';

/** What is named but never run by its name alone. */
export type EntityNoun = 'package' | 'trigger' | 'rule';

/** The first argument as the name of such an entity. */
export function namedEntity({ arguments: words, settings }: CommandContext, noun: EntityNoun): QualifiedName {
  return parseEntityName(words[0] ?? '', noun, settings.namespace);
}

/** An entity's document as JSON text, which is read in order to get or to delete it. */
export async function fetchEntity(
  context: CommandContext,
  { noun, name, verb = 'get' }: { noun: EntityNoun; name: QualifiedName; verb?: 'get' | 'delete' },
): Promise<string> {
  return attempt(`Unable to ${verb} ${noun} '${name.entity}'`, async () => {
    const client = await context.client();
    return expectJson(await client.send({ method: 'GET', route: entityRoute(`${noun}s`, name) }));
  });
}

/** What is created or updated, and how that is said. */
export interface EntityWrite {
  readonly noun: EntityNoun;
  readonly name: QualifiedName;
  readonly verb: 'create' | 'update';
  readonly body: string;
}

function writeHints({ status, text }: HttpReply, { noun, name, verb }: EntityWrite): string[] {
  if (status === 400 && noun === 'rule' && text.includes('does not exist')) {
    return ['A rule connects a trigger and an action that are there: wsk trigger create, wsk action create'];
  }
  if (status !== 409 || verb !== 'create') return [];
  return [`To change it: wsk ${noun} update ${name.entity} …`];
}

/** Sends an entity's document; an update overwrites. Gives the platform's answer. */
export async function putEntity(context: CommandContext, write: EntityWrite): Promise<string> {
  const { noun, name, verb, body } = write;
  return attempt(`Unable to ${verb} ${noun} '${name.entity}'`, async () => {
    const client = await context.client();
    const route = entityRoute(`${noun}s`, name);
    const query = { overwrite: verb === 'update' };
    const reply = await client.send({ method: 'PUT', route, query, body });
    expectSuccess(reply, writeHints(reply, write));
    return reply.text;
  });
}

/** Deletes an entity and says so. */
export async function deleteEntity(
  context: CommandContext,
  { noun, name, force }: { readonly noun: EntityNoun; readonly name: QualifiedName; readonly force?: true },
): Promise<number> {
  const { output } = context;
  const text = await attempt(`Unable to delete ${noun} '${name.entity}'`, async () => {
    const client = await context.client();
    const route = entityRoute(`${noun}s`, name);
    const reply = await client.send({ method: 'DELETE', route, query: { force } });
    expectSuccess(
      reply,
      reply.status === 409 && noun === 'package'
        ? [`To delete its actions too: wsk package delete ${name.entity} --force`]
        : [],
    );
    return reply.text;
  });
  output.line(ok, ` deleted ${noun} `, bold(name.entity));
  if (output.format !== 'text') output.document(text);
  return 0;
}

/** How the entities of one sort are listed. */
export interface EntityList {
  readonly noun: EntityNoun;
  /** Adds to an element what the platform's list leaves out. */
  readonly complete?: (client: WhiskClient, namespace: string, element: string) => Promise<string>;
}

/** The runner of `wsk package list` and its kin. */
export function entityLister({ noun, complete }: EntityList): CommandRunner {
  return async (context) => {
    const { options, output, settings } = context;
    const namespace = parseNamespace(context.arguments[0], settings.namespace);
    const what = `Unable to obtain the list of ${noun}s for namespace '${namespace}'`;
    const elements = await attempt(what, async () => {
      const client = await context.client();
      const reply = await client.send({
        method: 'GET',
        route: collectionRoute(namespace, `${noun}s`),
        query: { limit: options.integer('limit'), skip: options.integer('skip') },
      });
      const found = jsonElements(expectJson(reply));
      if (complete === undefined) return found;
      return Promise.all(found.map((element) => complete(client, namespace, element)));
    });
    const entities = elements.map((json) => ({ ...readEntity(json), json }));
    if (options.flag('name-sort')) entities.sort(byName);
    if (output.format !== 'text') {
      output.documents(entities.map(({ json }) => json));
      return 0;
    }
    output.line(bold(`${noun}s`));
    for (const line of entityLines(entityRows[`${noun}s`], entities, output.columns)) output.line(line);
    return 0;
  };
}
