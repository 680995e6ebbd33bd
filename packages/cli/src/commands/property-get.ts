import { attempt, CliError } from '../cli-error.ts';
import { expectJson } from '../client/read-reply.ts';
import { createWhiskClient } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { requireApiHost } from '../config/settings.ts';
import { jsonMembers } from '../values/json-text.ts';
import { cliVersion } from '../version.ts';
import { fetchNamespaces } from './namespace-get.ts';

/** What is known of the properties that only the platform knows, and why the rest is not. */
interface Facts {
  readonly namespace: string;
  readonly build: string;
  readonly buildNumber: string;
  readonly errors: readonly CliError[];
}

interface PropertyLine {
  readonly option: string;
  readonly label: string;
  readonly value: (context: CommandContext, facts: Facts) => string;
}

/** In the order in which `--all` shows them; the tabs are OpenWhisk's. */
const lines: readonly PropertyLine[] = [
  { option: 'apihost', label: 'whisk API host\t\t', value: ({ settings }) => settings.apiHost ?? '' },
  { option: 'auth', label: 'whisk auth\t\t', value: ({ settings }) => settings.auth ?? '' },
  { option: 'namespace', label: 'whisk namespace\t\t', value: (_, facts) => facts.namespace },
  { option: 'cert', label: 'client cert\t\t', value: ({ settings }) => settings.cert ?? '' },
  { option: 'key', label: 'Client key\t\t', value: ({ settings }) => settings.key ?? '' },
  { option: 'apiversion', label: 'whisk API version\t', value: ({ settings }) => settings.apiVersion },
  { option: 'cliversion', label: 'whisk CLI version\t', value: () => cliVersion() },
  { option: 'apibuild', label: 'whisk API build\t\t', value: (_, facts) => facts.build },
  { option: 'apibuildno', label: 'whisk API build number\t', value: (_, facts) => facts.buildNumber },
];

/** The failure that is reported once everything else is printed. */
async function collect(errors: CliError[], what: string, steps: () => Promise<void>): Promise<void> {
  try {
    await attempt(what, steps);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    errors.push(error);
  }
}

async function readNamespace(context: CommandContext): Promise<string> {
  const { apiHost, auth, namespace } = context.settings;
  if (apiHost === undefined || auth === undefined) return namespace;
  const [first] = await fetchNamespaces(await context.client());
  return first === undefined ? namespace : (JSON.parse(first) as string);
}

/** The API's description needs no key. */
async function readBuild({ settings }: CommandContext): Promise<readonly [string, string]> {
  const client = createWhiskClient({ ...settings, apiHost: requireApiHost(settings) });
  const info = jsonMembers(expectJson(await client.send({ method: 'GET', route: '' })));
  const read = (name: string): string => String(JSON.parse(info.get(name) ?? '"Unknown"'));
  return [read('build'), read('buildno')];
}

async function gatherFacts(context: CommandContext, wanted: (option: string) => boolean): Promise<Facts> {
  const errors: CliError[] = [];
  let namespace = context.settings.namespace;
  let [build, buildNumber] = ['Unknown', 'Unknown'];
  if (wanted('namespace')) {
    await collect(errors, 'Unable to obtain the namespace', async () => {
      namespace = await readNamespace(context);
    });
  }
  if (wanted('apibuild') || wanted('apibuildno')) {
    await collect(errors, 'Unable to obtain API build information', async () => {
      [build, buildNumber] = await readBuild(context);
    });
  }
  return { namespace, build, buildNumber, errors };
}

/** `wsk property get`: what can be had is printed, and the first thing that cannot ends the command in error. */
export const getProperties: CommandRunner = async (context) => {
  const { options, output } = context;
  const named = lines.filter(({ option }) => options.flag(option));
  const all = options.flag('all') || named.length === 0;
  const shown = all ? lines : named;
  const facts = await gatherFacts(context, (wanted) => shown.some(({ option }) => option === wanted));
  const values = shown.map((line) => ({ ...line, text: line.value(context, facts) }));
  if (output.format !== 'text') {
    output.document(JSON.stringify(Object.fromEntries(values.map(({ option, text }) => [option, text]))));
  }
  const raw = options.text('output') === 'raw';
  for (const { label, text } of values) output.line(raw ? text : `${label}${text}`);
  const [first] = facts.errors;
  if (first !== undefined) throw first;
  return 0;
};
