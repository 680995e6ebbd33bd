import { attempted, usageError } from '../cli-error.ts';
import { expectJson, readReply, replyError } from '../client/read-reply.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { Entries, ParsedOptions } from '../command/parsed-options.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { randomSecret } from '../base/ids.ts';
import { bold, ok } from '../output/output.ts';
import { jsonMembers, jsonObject, keyValueJson, readKeyValues } from '../values/json-text.ts';
import { parseQualifiedName, type QualifiedName } from '../values/qualified-name.ts';
import { buildExec, checkExclusive } from './build-exec.ts';
import { mergeAnnotations } from './web-annotations.ts';

/** An action's parts as JSON text, from the command line or from an action to copy. */
interface ActionParts {
  readonly exec: string | undefined;
  readonly parameters: Entries | undefined;
  readonly annotations: Entries | undefined;
}

const limitOptions = [
  ['timeout', 'timeout'],
  ['memory', 'memory'],
  ['logsize', 'logs'],
  ['concurrency', 'concurrency'],
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

async function copiedParts(context: CommandContext, written: string): Promise<ActionParts> {
  const { options, settings } = context;
  const source = parseQualifiedName(written, settings.namespace);
  const client = await context.client();
  const reply = await client.send({
    method: 'GET',
    route: entityRoute('actions', source),
    query: { code: true },
  });
  try {
    const document = jsonMembers(expectJson(reply));
    return {
      exec: document.get('exec'),
      parameters: overlay(readKeyValues(document.get('parameters')), options.entries('param')),
      annotations: overlay(readKeyValues(document.get('annotations')), options.entries('annotation')),
    };
  } catch (error) {
    throw attempted(`Unable to get action '${source.entity}'`, error);
  }
}

async function readParts(context: CommandContext, artifact: string | undefined): Promise<ActionParts> {
  const { options, settings } = context;
  checkExclusive(options);
  if (options.flag('copy') && artifact !== undefined) return copiedParts(context, artifact);
  return {
    exec: buildExec(options, artifact, settings.namespace),
    parameters: options.entries('param'),
    annotations: options.entries('annotation'),
  };
}

/** Annotations of the action that an update replaces; none where there is no such action. */
async function existingAnnotations(
  context: CommandContext,
  name: QualifiedName,
): Promise<Entries | undefined> {
  const client = await context.client();
  const reply = await client.send({
    method: 'GET',
    route: entityRoute('actions', name),
    query: { code: false },
  });
  if (reply.status === 404) return undefined;
  try {
    return readKeyValues(jsonMembers(expectJson(reply)).get('annotations'));
  } catch (error) {
    throw attempted(`Unable to get action '${name.entity}'`, error);
  }
}

function putBody(
  context: CommandContext,
  name: QualifiedName,
  parts: ActionParts & { existing?: Entries },
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
    ['parameters', parts.parameters && keyValueJson(parts.parameters)],
    ['limits', limitsJson(options)],
    ['delAnnotations', delAnnotations.length > 0 ? JSON.stringify(delAnnotations) : undefined],
  ]);
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
  const existing = overwrite ? await existingAnnotations(context, name) : undefined;
  const body = putBody(context, name, { ...parts, ...(existing && { existing }) });
  const client = await context.client();
  const reply = await client.send({
    method: 'PUT',
    route: entityRoute('actions', name),
    query: { overwrite },
    body,
  });
  const verb = overwrite ? 'update' : 'create';
  const meaning = readReply(reply);
  if (meaning.type !== 'ok') {
    const message = meaning.type === 'failed' ? meaning.message : reply.text;
    const error = replyError(reply, `Unable to ${verb} action '${name.entity}': ${message}`);
    throw reply.status === 409 && !overwrite
      ? withHint(error, `To replace it: wsk action update ${written} …`)
      : error;
  }
  output.line(ok, ` ${verb}d action `, bold(name.entity));
  if (output.format !== 'text') output.document(reply.text);
  return 0;
}

function withHint<E extends { hints: readonly string[] }>(error: E, hint: string): E {
  return Object.assign(error, { hints: [...error.hints, hint] });
}

export const createAction: CommandRunner = (context) => put(context, false);

export const updateAction: CommandRunner = (context) => put(context, true);
