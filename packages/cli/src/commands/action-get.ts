import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { extensionOfKind } from '../artifact/kind-of-extension.ts';
import { attempt, CliError, usageError } from '../cli-error.ts';
import { expectJson } from '../client/read-reply.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { baseUrlText, requireApiHost } from '../config/settings.ts';
import { bold, ok } from '../output/output.ts';
import { printSummary } from '../output/summaries.ts';
import { jsonMembers, readKeyValues } from '../values/json-text.ts';
import { parseQualifiedName, urlPath, type QualifiedName } from '../values/qualified-name.ts';
import { checkField, showDocument } from './show-field.ts';

export const actionFields = [
  'namespace',
  'name',
  'version',
  'exec',
  'annotations',
  'parameters',
  'limits',
  'publish',
  'updated',
];

function isWebAction(document: ReadonlyMap<string, string>): boolean {
  return readKeyValues(document.get('annotations')).get('web-export') === 'true';
}

/** The URL under which an action is called: a web action's public one, else the API's. */
function actionUrl({ settings }: CommandContext, document: ReadonlyMap<string, string>): string {
  const read = (member: string): string => JSON.parse(document.get(member) ?? '""') as string;
  const [namespace = '', pkg] = read('namespace').split('/');
  const base = `${baseUrlText(requireApiHost(settings))}/api/${settings.apiVersion}`;
  if (isWebAction(document))
    return `${base}/web/${urlPath(`${namespace}/${pkg ?? 'default'}/${read('name')}`)}`;
  const entity = pkg === undefined ? read('name') : `${pkg}/${read('name')}`;
  return `${base}/namespaces/${urlPath(namespace)}/actions/${urlPath(entity)}`;
}

/** The code of an action as bytes, and what its file would be called. */
function codeOf(document: ReadonlyMap<string, string>, name: string): { bytes: Buffer; fileName: string } {
  const exec = jsonMembers(document.get('exec') ?? '{}');
  const kind = JSON.parse(exec.get('kind') ?? '""') as string;
  if (kind === 'sequence') throw usageError('Cannot save action sequences');
  const code = exec.get('code');
  if (code === undefined) throw usageError('Cannot save Docker images');
  const text = JSON.parse(code) as string;
  const isBinary = exec.get('binary') === 'true';
  const bytes = Buffer.from(text, isBinary ? 'base64' : 'utf8');
  // A native executable is binary, but no archive.
  const isArchive = isBinary && (kind !== 'blackbox' || bytes.subarray(0, 2).toString('latin1') === 'PK');
  return { bytes, fileName: `${name}${isBinary && !isArchive ? '' : extensionOfKind(kind, isBinary)}` };
}

function saveCode({ options, output }: CommandContext, json: string): void {
  const document = jsonMembers(json);
  const { bytes, fileName } = codeOf(document, JSON.parse(document.get('name') ?? '""') as string);
  const path = resolve(options.text('save-as') || fileName);
  if (existsSync(path)) {
    throw usageError(`The file '${path}' already exists`, ['Choose another name with --save-as FILE.']);
  }
  try {
    writeFileSync(path, bytes, { flag: 'wx' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Cannot create file '${path}': ${reason}`, { cause: error });
  }
  output.line(ok, ' saved action code to ', path);
  if (output.format !== 'text') output.document(JSON.stringify({ path }));
}

async function fetchAction(context: CommandContext, name: QualifiedName, code: boolean): Promise<string> {
  return attempt(`Unable to get action '${name.entity}'`, async () => {
    const client = await context.client();
    return expectJson(
      await client.send({ method: 'GET', route: entityRoute('actions', name), query: { code } }),
    );
  });
}

/** `wsk action get`. */
export const getAction: CommandRunner = async (context) => {
  const { options, output, settings } = context;
  const wantsCode = options.flag('save') || options.given('save-as');
  const isPlain = !options.flag('url') && !options.flag('summary');
  const field = isPlain ? context.arguments[1] : undefined;
  checkField(field, actionFields);
  const name = parseQualifiedName(context.arguments[0] ?? '', settings.namespace);
  const json = await fetchAction(context, name, wantsCode);
  if (options.flag('url')) {
    const url = actionUrl(context, jsonMembers(json));
    output.line(ok, ' got action ', bold(name.entity.split('/').at(-1) ?? ''));
    output.line(url);
    if (output.format !== 'text') output.document(JSON.stringify({ url }));
  } else if (options.flag('summary')) {
    if (output.format === 'text') printSummary(output, 'action', jsonMembers(json));
    else output.document(json);
  } else if (wantsCode) saveCode(context, json);
  else showDocument(output, { what: 'action', name: name.entity, field }, json);
  return 0;
};

/** `wsk action delete`. */
export const deleteAction: CommandRunner = async (context) => {
  const { output, settings } = context;
  const name = parseQualifiedName(context.arguments[0] ?? '', settings.namespace);
  const json = await attempt(`Unable to delete action '${name.entity}'`, async () => {
    const client = await context.client();
    return expectJson(await client.send({ method: 'DELETE', route: entityRoute('actions', name) }));
  });
  output.line(ok, ' deleted action ', bold(name.entity));
  if (output.format !== 'text') output.document(json);
  return 0;
};
