import { attempt } from '../cli-error.ts';
import { callApiGateway } from '../client/api-gateway.ts';
import { readApis, type ListedOperation } from '../client/api-answers.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { ok } from '../output/output.ts';
import { checkPath, parseVerb } from './api-arguments.ts';

/** An operation with what its API says. */
interface Row extends ListedOperation {
  readonly apiName: string;
  readonly basePath: string;
}

const header = ['Action', 'Verb', 'API Name', 'URL'] as const;
const [MAX_ACTION, MAX_NAME] = [40, 30];

function keyOf({ basePath, path, verb }: Row): string {
  return `${basePath}${path}${verb}`.toLowerCase();
}

function table(rows: readonly Row[]): string[] {
  const widest = (texts: readonly string[], least: number, most: number): number =>
    Math.min(most, Math.max(least, ...texts.map(({ length }) => length)));
  const empty = rows.length === 0;
  const actionWidth = empty
    ? 30
    : widest(
        rows.map(({ action }) => action),
        header[0].length,
        MAX_ACTION,
      );
  const nameWidth = empty
    ? 20
    : 1 +
      widest(
        rows.map(({ apiName }) => apiName),
        header[2].length,
        MAX_NAME,
      );
  const line = ([action = '', verb = '', name = '', url = '']: readonly string[]): string =>
    `${action.slice(0, actionWidth).padEnd(actionWidth)} ${verb.padStart(7)} ${name.slice(0, MAX_NAME).padStart(nameWidth)}  ${url}`;
  return [line(header), ...rows.map(({ action, apiName, url, verb }) => line([action, verb, apiName, url]))];
}

function details({ action, apiName, basePath, path, url, verb }: Row): string[] {
  return [
    `Action: ${action}`,
    `   API Name: ${apiName}`,
    `   Base path: ${basePath}`,
    `   Path: ${path}`,
    `   Verb: ${verb}`,
    `   URL: ${url}`,
  ];
}

async function fetchApis({ arguments: words, client, options, settings }: CommandContext): Promise<string> {
  const [name, path, verb] = words;
  if (path !== undefined) checkPath(path);
  const operation = verb === undefined ? undefined : parseVerb(verb);
  const query =
    name === undefined
      ? { limit: options.integer('limit'), skip: options.integer('skip') }
      : { basepath: name, relpath: path, operation };
  return attempt('Unable to obtain the API list', async () =>
    callApiGateway(await client(), settings, { action: 'getApi', query }),
  );
}

/** `wsk api list`. */
export const listApis: CommandRunner = async (context) => {
  const { options, output } = context;
  const [, path, verb] = context.arguments;
  const apis = readApis(await fetchApis(context));
  if (output.format !== 'text') {
    output.documents(apis.map(({ json }) => json));
    return 0;
  }
  const rows = apis
    .flatMap(({ basePath, name, operations }): Row[] =>
      operations.map((operation) => ({ ...operation, apiName: name, basePath })),
    )
    .filter((row) => path === undefined || row.path === path)
    .filter((row) => verb === undefined || row.verb === verb.toLowerCase());
  if (options.flag('name-sort')) rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  output.line(ok, ' APIs');
  for (const line of options.flag('full') ? rows.flatMap(details) : table(rows)) output.line(line);
  return 0;
};
