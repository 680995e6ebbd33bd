import { CliError } from '../cli-error.ts';
import { fetchActivations, type ActivationQuery } from '../client/fetch-activations.ts';
import type { WhiskClient } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { exitCodeOfStatus } from '../exit-codes.ts';
import { jsonElements, jsonMembers, prettyJson } from '../values/json-text.ts';
import { parseNamespaceOrName } from '../values/qualified-name.ts';

const INTERVAL_MS = 2000;
const secondsOf = {
  'since-seconds': 1,
  'since-minutes': 60,
  'since-hours': 3600,
  'since-days': 86_400,
} as const;

function startOf(json: string): number {
  return Number(jsonMembers(json).get('start') ?? 0);
}

/** From which moment on: as the flags say, else after the newest activation that there is. */
async function firstMoment(
  context: CommandContext,
  client: WhiskClient,
  query: ActivationQuery,
): Promise<number> {
  const { options, clock } = context;
  let ago = 0;
  for (const [option, seconds] of Object.entries(secondsOf)) ago += (options.integer(option) ?? 0) * seconds;
  if (ago > 0) return clock.now() - ago * 1000;
  const [newest] = await fetchActivations(client, { ...query, limit: 1, docs: true });
  return newest === undefined ? 0 : startOf(newest) + 1;
}

function show({ output }: CommandContext, json: string): void {
  if (output.format !== 'text') return output.document(json);
  const record = jsonMembers(json);
  const read = (member: string): string => JSON.parse(record.get(member) ?? '""') as string;
  output.line();
  output.line(`Activation: '${read('name')}' (${read('activationId')})`);
  const lines = jsonElements(record.get('logs') ?? '[]');
  output.line(prettyJson(`[${lines.join(',')}]`));
}

/** A refusal will be repeated; a host that is away for a moment comes back. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof CliError)) return true;
  return [400, 401, 403, 404].map(exitCodeOfStatus).includes(error.exitCode);
}

/** Prints every new activation once, until the signal or the moment to end comes. */
async function pollUntil(
  context: CommandContext,
  query: ActivationQuery & { readonly since: number; readonly signal: AbortSignal },
  endMs: number,
): Promise<void> {
  const { clock, output } = context;
  const client = await context.client();
  const shown = new Set<string | undefined>();
  let away = false;
  while (!query.signal.aborted && clock.now() <= endMs) {
    try {
      const activations = await fetchActivations(client, query);
      for (const activation of activations.reverse()) {
        const id = jsonMembers(activation).get('activationId');
        if (!shown.has(id)) show(context, activation);
        shown.add(id);
      }
      away = false;
    } catch (error) {
      if (query.signal.aborted) return;
      if (isFinal(error)) throw error;
      if (!away) output.note(`${(error as CliError).message}; trying again`);
      away = true;
    }
    await clock.sleep(Math.max(0, Math.min(INTERVAL_MS, endMs - clock.now() + 1)), query.signal);
  }
}

/** `wsk activation poll`. */
export const pollActivations: CommandRunner = async (context) => {
  const { options, output, settings, clock } = context;
  const signal = context.onInterrupt();
  const { namespace, entity } = parseNamespaceOrName(context.arguments[0], settings.namespace);
  const exitSeconds = options.integer('exit') ?? 0;
  const endMs = exitSeconds > 0 ? clock.now() + exitSeconds * 1000 : Infinity;
  output.line('Enter Ctrl-c to exit.');
  const query: ActivationQuery = { namespace, name: entity, limit: 0, skip: 0, docs: true };
  const since = await firstMoment(context, await context.client(), query);
  output.line('Polling for activation logs');
  await pollUntil(context, { ...query, since, signal }, endMs);
  if (signal.aborted) output.note('Poll terminated');
  return 0;
};
