import { attempt, CliError } from '../cli-error.ts';
import { fetchActivations } from '../client/fetch-activations.ts';
import { expectJson, expectSuccess } from '../client/read-reply.ts';
import { entityRoute } from '../client/whisk-client.ts';
import { checkArguments } from '../command/check-arguments.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { formatDateTime } from '../output/rows.ts';
import { jsonElements, jsonMembers } from '../values/json-text.ts';
import { checkField, showDocument } from './show-field.ts';

const fields = [
  'namespace',
  'name',
  'version',
  'subject',
  'activationId',
  'cause',
  'start',
  'end',
  'duration',
  'statusCode',
  'response',
  'logs',
  'annotations',
  'publish',
];

/** Timestamp and stream of a log line, which `--strip` takes away. */
const logPrefix = /\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d.\d+Z( *(?:stdout|stderr):)?\s(.*)/s;

/** The text of a log line alone; lines of another form stay. */
export function stripLogLine(line: string): string {
  return logPrefix.exec(line)?.[2] ?? line;
}

async function lastActivationId(context: CommandContext): Promise<string> {
  const [last] = await fetchActivations(await context.client(), {
    namespace: context.settings.namespace,
    limit: 1,
    skip: 0,
  });
  if (last !== undefined) return JSON.parse(jsonMembers(last).get('activationId') ?? '""') as string;
  throw new CliError('Activation list does not contain any activations.', {
    hints: ['Make one: wsk action invoke NAME'],
  });
}

/** The id of `ID` or `--last`, and the arguments after it. */
async function readId(
  context: CommandContext,
  max: number,
): Promise<[id: string, field: string | undefined]> {
  const id = context.options.flag('last') ? [await lastActivationId(context)] : [];
  const words = [...id, ...context.arguments];
  checkArguments(words, { usage: '', min: 1, max, hint: 'An activation ID is required.' });
  return [words[0] ?? '', words[1]];
}

/** Records are filed in the caller's own namespace, wherever the action is. */
async function fetchPart(
  context: CommandContext,
  id: string,
  part: '' | '/logs' | '/result',
): Promise<string> {
  const client = await context.client();
  const route = entityRoute('activations', { namespace: '_', entity: `${id}${part}` });
  const reply = await client.send({ method: 'GET', route });
  expectSuccess(
    reply,
    {
      400: ['Ids are listed by: wsk activation list'],
      404: [`Activation ${id} does not exist, or it has not ended yet.`],
    }[reply.status] ?? [],
  );
  return expectJson(reply);
}

function printLogs({ output }: CommandContext, json: string, strip: boolean): void {
  const lines = jsonElements(jsonMembers(json).get('logs') ?? '[]').map((line) => {
    const text = line.startsWith('"') ? (JSON.parse(line) as string) : line;
    return strip ? stripLogLine(text) : text;
  });
  if (output.format !== 'text') output.documents(lines.map((line) => JSON.stringify(line)));
  else for (const line of lines) output.line(line);
}

function timeZone(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const digits = `${String(hours).padStart(2, '0')}${String(minutes).padStart(2, '0')}`;
  const name = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' })
    .formatToParts(date)
    .find(({ type }) => type === 'timeZoneName')?.value;
  return `${offset < 0 ? '-' : '+'}${digits} ${name ?? ''}`;
}

function printActivationSummary({ output }: CommandContext, json: string): void {
  const record = jsonMembers(json);
  const read = (member: string): string => JSON.parse(record.get(member) ?? '""') as string;
  const response = jsonMembers(record.get('response') ?? '{}');
  const status = JSON.parse(response.get('status') ?? '""') as string;
  const end = new Date(Math.floor(Number(record.get('end') ?? record.get('start') ?? 0) / 1000) * 1000);
  const time = `${formatDateTime(end.getTime())} ${timeZone(end)}`;
  output.line(`activation result for '/${read('namespace')}/${read('name')}' (${status} at ${time})`);
  output.document(response.get('result') ?? 'null');
}

/** `wsk activation get`. */
export const getActivation: CommandRunner = async (context) => {
  const { options, output } = context;
  const [id, field] = await readId(context, 2);
  checkField(field, fields);
  if (options.flag('logs')) {
    await attempt(`Unable to get logs for activation '${id}'`, async () => {
      printLogs(context, await fetchPart(context, id, '/logs'), true);
    });
    return 0;
  }
  await attempt(`Unable to get activation '${id}'`, async () => {
    const json = await fetchPart(context, id, '');
    if (options.flag('summary') && output.format === 'text') printActivationSummary(context, json);
    else showDocument(output, { what: 'activation', name: id, field }, json);
  });
  return 0;
};

/** `wsk activation logs`. */
export const getActivationLogs: CommandRunner = async (context) => {
  const [id] = await readId(context, 1);
  await attempt(`Unable to get logs for activation '${id}'`, async () => {
    printLogs(context, await fetchPart(context, id, '/logs'), context.options.flag('strip'));
  });
  return 0;
};

/** `wsk activation result`. */
export const getActivationResult: CommandRunner = async (context) => {
  const [id] = await readId(context, 1);
  await attempt(`Unable to get result for activation '${id}'`, async () => {
    const response = jsonMembers(await fetchPart(context, id, '/result'));
    context.output.document(response.get('result') ?? 'null');
  });
  return 0;
};
