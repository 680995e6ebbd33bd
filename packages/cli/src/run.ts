import { systemClock, type Clock } from './base/clock.ts';
import { CliError } from './cli-error.ts';
import type { Trace } from './client/trace.ts';
import { asCalled, meantCommand } from './command/called-as.ts';
import { checkArguments } from './command/check-arguments.ts';
import type { CommandContext } from './command/description.ts';
import { parseOptions } from './command/parse-options.ts';
import type { ParsedOptions } from './command/parsed-options.ts';
import { resolveCommand } from './command/resolve-command.ts';
import { effectiveOptions, globalOptions } from './commands/options.ts';
import { rootCommand } from './commands/root.ts';
import { propertiesPath, readProperties } from './config/properties-file.ts';
import { readSettings, requireApiHost, requireAuth } from './config/settings.ts';
import { createOutput, type Output, type OutputFormat, type TextSink } from './output/output.ts';
import { withProgress } from './output/progress.ts';

/** What surrounds the command line. */
export interface Surroundings {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly environment: NodeJS.ProcessEnv;
  /** Calls back on Ctrl-C and SIGTERM. */
  readonly onSignal: (callback: () => void) => void;
  readonly clock?: Clock;
}

function formatOf(options: ParsedOptions): OutputFormat {
  const written = options.text('output');
  return written === 'json' || written === 'ndjson' ? written : 'text';
}

/** Good enough to format an error that came before the options were understood. */
function guessFormat(words: readonly string[]): OutputFormat {
  const index = words.findIndex((word) => word === '-o' || word === '--output');
  const written = words[index + 1] ?? '';
  return index !== -1 && (written === 'json' || written === 'ndjson') ? written : 'text';
}

/** The command line as it was given. */
interface Call {
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Prints an error: what and why, how to mend it, the next command. */
function printError(output: Output, error: unknown, call: Call): number {
  const {
    message,
    exitCode,
    hints: given,
    usage,
  } = error instanceof CliError
    ? error
    : { message: `Unexpected failure: ${String(error)}`, exitCode: 1, hints: [], usage: false };
  const hints = given.map((hint) => asCalled(hint, call.environment));
  if (output.format !== 'text') {
    output.failure(JSON.stringify({ error: message, exitCode, ...(hints.length > 0 && { hints }) }));
    return exitCode;
  }
  output.note({ style: 'red', text: 'error:' }, ` ${message}`);
  for (const hint of hints) output.note(hint);
  if (!usage) return exitCode;
  const command = meantCommand(rootCommand, call.words, globalOptions);
  output.note(asCalled(`Run '${command} --help' for usage.`, call.environment));
  return exitCode;
}

async function openTrace(output: Output, debug: boolean): Promise<Trace> {
  const { createTrace } = await import('./client/trace.ts');
  return createTrace((line) => (output.format === 'text' ? output.line(line) : output.note(line)), debug);
}

async function createClient(
  { options, output, settings, clock }: Pick<CommandContext, 'options' | 'output' | 'settings' | 'clock'>,
  environment: NodeJS.ProcessEnv,
): ReturnType<CommandContext['client']> {
  const apiHost = requireApiHost(settings);
  const auth = requireAuth(settings);
  const { createWhiskClient } = await import('./client/whisk-client.ts');
  const debug = options.flag('debug') || Boolean(environment['WSK_CLI_DEBUG']);
  const trace = debug || options.flag('verbose') ? await openTrace(output, debug) : undefined;
  const client = createWhiskClient({ ...settings, apiHost, auth }, trace);
  return {
    send: (request) => withProgress(`waiting for ${apiHost}`, client.send(request), { output, clock }),
  };
}

function interruptSignal({ onSignal }: Surroundings): AbortSignal {
  const controller = new AbortController();
  onSignal(() => controller.abort());
  return controller.signal;
}

async function runCommand(words: readonly string[], around: Surroundings): Promise<number> {
  const { path, command, rest } = resolveCommand(rootCommand, words, globalOptions);
  const parsed = parseOptions(rest, effectiveOptions(command.options));
  const { options } = parsed;
  const output = createOutput(formatOf(options), around);
  if (options.flag('version')) {
    const { cliVersion } = await import('./version.ts');
    output.line(cliVersion());
    if (output.format !== 'text') output.document(JSON.stringify({ version: cliVersion() }));
    return 0;
  }
  if (options.flag('help') || command.load === undefined) {
    const { renderHelp } = await import('./command/render-help.ts');
    const text = renderHelp(path, { globalOptions, columns: output.columns });
    output.line(text);
    if (output.format !== 'text') output.document(JSON.stringify({ help: text }));
    return 0;
  }
  checkArguments(parsed.arguments, command.arguments);
  const settings = readSettings(options, readProperties(propertiesPath(around.environment)));
  const shared = { options, output, settings, clock: around.clock ?? systemClock };
  const run = await command.load();
  return run({
    ...shared,
    root: rootCommand,
    arguments: parsed.arguments,
    environment: around.environment,
    onInterrupt: () => interruptSignal(around),
    client: (own = settings) => createClient({ ...shared, settings: own }, around.environment),
  });
}

/** Runs one command line, without the program's name, and gives its exit code. Never rejects. */
export async function run(words: readonly string[], around: Surroundings): Promise<number> {
  try {
    return await runCommand(words, around);
  } catch (error) {
    const call = { words, environment: around.environment };
    return printError(createOutput(guessFormat(words), around), error, call);
  }
}
