import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command/description.ts';
import { fetchActivations } from '../client/fetch-activations.ts';
import { formatDuration, readActivation } from '../output/rows.ts';
import { compactJson, jsonElements, jsonMembers } from '../values/json-text.ts';

const INTERVAL_MS = 1000;
const RESULT_SHOWN = 500;
const REMEMBERED = 5000;

/** Whether an action, by `package/name`, is one of those that are looked at. */
export type IsOwn = (name: string) => boolean;

function text(json: string | undefined): string {
  return json?.startsWith('"') ? String(JSON.parse(json)) : '';
}

/** `package/name` of the action that ran. */
function actionOf(json: string): string {
  return text(readActivation(json).annotations.get('path')).split('/').slice(1).join('/');
}

/** A log line without its time: `stdout: text`. */
function logText(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z\s+/, '');
}

function timeOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 19);
}

function show({ output }: CommandContext, json: string): void {
  if (output.format !== 'text') return output.document(json);
  const members = jsonMembers(json);
  const { start, durationMs, activationId } = readActivation(json);
  const response = jsonMembers(members.get('response') ?? '{}');
  const status = text(response.get('status')) || 'success';
  const good = status === 'success';
  output.line(
    { style: 'dim', text: timeOf(start) },
    ' ',
    { style: 'bold', text: actionOf(json) },
    ' ',
    { style: good ? 'green' : 'red', text: status },
    ` ${formatDuration(durationMs)} `,
    { style: 'dim', text: activationId },
  );
  for (const line of jsonElements(members.get('logs') ?? '[]')) {
    const log = logText(text(line));
    const isError = log.startsWith('stderr:');
    output.line('    ', { style: isError ? 'red' : 'dim', text: log });
  }
  const result = compactJson(response.get('result') ?? '{}');
  output.line('    → ', result.length <= RESULT_SHOWN ? result : `${result.slice(0, RESULT_SHOWN)}…`);
}

/** Prints every new activation of the own actions until the signal comes. A platform that is away for a moment comes back. */
export async function tailActivations(
  context: CommandContext,
  isOwn: IsOwn,
  signal: AbortSignal,
): Promise<void> {
  const { clock, output } = context;
  const client = await context.client();
  const query = { namespace: '_', name: undefined, limit: 0, skip: 0, docs: true, signal } as const;
  const first = await fetchActivations(client, { ...query, limit: 1 }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  if (first === undefined) return;
  const [newest] = first;
  let since = newest === undefined ? 0 : readActivation(newest).start;
  const shown = new Set(newest === undefined ? [] : [readActivation(newest).activationId]);
  let away = false;
  while (!signal.aborted) {
    await clock.sleep(INTERVAL_MS, signal);
    if (signal.aborted) return;
    try {
      const found = await fetchActivations(client, { ...query, since });
      for (const json of found.toReversed()) {
        const { activationId, start } = readActivation(json);
        if (shown.has(activationId)) continue;
        shown.add(activationId);
        since = Math.max(since, start - 60_000);
        if (isOwn(actionOf(json))) show(context, json);
      }
      for (const id of [...shown].slice(0, Math.max(0, shown.size - REMEMBERED))) shown.delete(id);
      away = false;
    } catch (error) {
      if (signal.aborted || !(error instanceof CliError)) return;
      if (!away) output.note(`${error.message}; trying again`);
      away = true;
    }
  }
}
