import { attempt, usageError } from '../cli-error.ts';
import { expectJson, expectSuccess } from '../client/read-reply.ts';
import type { HttpReply } from '../client/send-request.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { Entries, ParsedOptions } from '../command/parsed-options.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { randomSecret } from '../base/ids.ts';
import { bold, ok } from '../output/output.ts';
import { jsonMembers, jsonObject, keyValueJson, readKeyValues } from '../values/json-text.ts';
import { parametersJson, readParameters, type Parameter } from '../values/parameters.ts';
import { parseQualifiedName, type QualifiedName } from '../values/qualified-name.ts';
import { buildExec, checkExclusive } from './build-exec.ts';
import { givenParameters } from './given-parameters.ts';
import { mergeAnnotations } from './web-annotations.ts';

/** An action's parts as JSON text, from the command line or from an action to copy. */
interface ActionParts {
  readonly exec: string | undefined;
  readonly parameters: ReadonlyMap<string, Parameter> | undefined;
  readonly annotations: Entries | undefined;
}

const limitOptions = [
  ['timeout', 'timeout'],
  ['memory', 'memory'],
  ['logsize', 'logs'],
  ['concurrency', 'concurrency'],
  ['instances', 'instances'],
] as const;

/** Only limits that the user set, so that the server's defaults and an update's old values stay. */
function limitsJson(options: ParsedOptions): string | undefined {
  const given = limitOptions.filter(([option]) => options.given(option));
  if (given.length === 0) return undefined;
  return jsonObject(given.map(([option, name]) => [name, String(options.integer(option))]));
}

function overlay(under: Entries, over: Entries | undefined): Entries {
  return new Map([...under, ...(over ?? [])]);
}

/** An action's document as the platform keeps it. */
async function fetchDocument(
  context: CommandContext,
  name: QualifiedName,
  query: { readonly code: boolean; readonly optional?: boolean },
): Promise<Map<string, string>> {
  return attempt(`Unable to get action '${name.entity}'`, async () => {
    const client = await context.client();
    const reply = await client.send({
      method: 'GET',
      route: entityRoute('actions', name),
      query: { code: query.code },
    });
    if (reply.status === 404 && query.optional) return new Map<string, string>();
    return jsonMembers(expectJson(reply));
  });
}

async function copiedParts(context: CommandContext, written: string): Promise<ActionParts> {
  const { options, settings } = context;
  const source = parseQualifiedName(written, settings.namespace);
  const document = await fetchDocument(context, source, { code: true });
  return {
    exec: document.get('exec'),
    parameters: new Map([...readParameters(document.get('parameters')), ...(givenParameters(context) ?? [])]),
    annotations: overlay(readKeyValues(document.get('annotations')), options.entries('annotation')),
  };
}

async function readParts(context: CommandContext, artifact: string | undefined): Promise<ActionParts> {
  const { options } = context;
  checkExclusive(options);
  if (options.flag('copy') && artifact !== undefined) return copiedParts(context, artifact);
  return {
    exec: buildExec(context, artifact),
    parameters: givenParameters(context),
    annotations: options.entries('annotation'),
  };
}

function putBody(
  context: CommandContext,
  name: QualifiedName,
  parts: ActionParts & { readonly existing: Entries | undefined },
): string {
  const { options } = context;
  const { annotations, delAnnotations } = mergeAnnotations({
    given: parts.annotations,
    existing: parts.existing,
    web: options.text('web'),
    webSecure: options.text('web-secure'),
    deleted: options.list('del-annotation'),
    randomSecret,
  });
  return jsonObject([
    ['namespace', JSON.stringify(name.namespace)],
    ['name', JSON.stringify(name.entity)],
    ['exec', parts.exec],
    ['annotations', annotations && keyValueJson(annotations)],
    ['parameters', parts.parameters && parametersJson(parts.parameters)],
    ['limits', limitsJson(options)],
    ['delAnnotations', delAnnotations.length > 0 ? JSON.stringify(delAnnotations) : undefined],
  ]);
}

/** What to do about a refused PUT of this name; `created`: it was not to be replaced. */
function putHints({ status, text }: HttpReply, written: string, created: boolean): string[] {
  const pkg = /^([^/]+)\/[^/]+$/.exec(written)?.[1];
  if (status === 404 && pkg !== undefined) {
    return [`Is there such a package? Make it with: wsk package create ${pkg}`];
  }
  if (status === 409 && created) return [`To replace it: wsk action update ${written} …`];
  if (status === 400 && text.includes('is not supported by this platform')) {
    return ['This platform has no runtime for it. An executable of any language runs with: --native'];
  }
  return [];
}

async function put(context: CommandContext, overwrite: boolean): Promise<number> {
  const { output, settings } = context;
  const [written = '', artifact] = context.arguments;
  const name = parseQualifiedName(written, settings.namespace);
  const parts = await readParts(context, artifact);
  if (!overwrite && parts.exec === undefined) {
    throw usageError('Invalid argument(s). An action name and code artifact are required.', [
      `As in: wsk action create ${name.entity} ${name.entity.split('/').at(-1) ?? ''}.js`,
    ]);
  }
  // Also without --web: an update of what may not be read is refused before anything is sent.
  const before = overwrite ? await fetchDocument(context, name, { code: false, optional: true }) : undefined;
  const body = putBody(context, name, {
    ...parts,
    existing: before && readKeyValues(before.get('annotations')),
  });
  const verb = overwrite ? 'update' : 'create';
  const reply = await attempt(`Unable to ${verb} action '${name.entity}'`, async () => {
    const client = await context.client();
    const route = entityRoute('actions', name);
    const answer = await client.send({ method: 'PUT', route, query: { overwrite }, body });
    expectSuccess(answer, putHints(answer, written, !overwrite));
    return answer;
  });
  output.line(ok, ` ${verb}d action `, bold(name.entity));
  if (output.format !== 'text') output.document(reply.text);
  return 0;
}

export const createAction: CommandRunner = (context) => put(context, false);

export const updateAction: CommandRunner = (context) => put(context, true);
