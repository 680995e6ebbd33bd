import { Command as Program, CommanderError, Option } from 'commander';

import { settings } from '../config/schema.ts';
import type { Command, CommandArgument, CommandOption } from './command.ts';
import { startOptions } from './gather-config.ts';
import { withMeant } from './meant.ts';
import { complainOfNpm } from './swallowed-by-npm.ts';
import type { Terminal } from './terminal.ts';

const DONE = 0;
const MISUSED = 2;

function argumentText({ name, optional, variadic }: CommandArgument): string {
  const text = `${name}${variadic ? '...' : ''}`;
  return optional ? `[${text}]` : `<${text}>`;
}

function describe(option: CommandOption): string {
  const setting = option.setting === undefined ? undefined : settings.get(option.setting);
  const preset = option.preset ?? setting?.computed ?? setting?.default;
  const untold = (setting?.choices ?? []).filter((choice) => !option.description.includes(`\`${choice}\``));
  const notes = [
    ...(untold.length > 0 ? [`one of ${untold.join(', ')}`] : []),
    ...(preset === undefined || preset === '' ? [] : [`default: ${preset}`]),
  ];
  return notes.length === 0 ? option.description : `${option.description} (${notes.join('; ')})`;
}

function toOption(option: CommandOption): Option {
  const built = new Option(option.flags, describe(option));
  if (option.repeatable) {
    built.argParser((value: string, earlier: string[] | undefined) => [...(earlier ?? []), value]);
  }
  return built;
}

function examplesText(examples: readonly string[] | undefined): string {
  if (!examples?.length) return '';
  return `\nExamples:\n${examples.map((example) => `  ${example}\n`).join('')}`;
}

/** Lines of a description may be wrapped in the source; a terminal wraps them anew. */
function unwrap(text: string): string {
  return text.replace(/([^\n])\n(?!\n)/g, '$1 ');
}

/** A program that parses one command and those below it; `finish` gets the exit code of the one that ran. */
function build(command: Command, terminal: Terminal, finish: (code: number) => void): Program {
  const program = new Program(command.name)
    .description(unwrap(command.description ?? command.summary))
    .summary(command.summary)
    .helpOption('-h, --help', 'Shows this help.')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('Run with --help to see what it takes.')
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(withMeant(text, program)),
    });
  for (const argument of command.args ?? []) program.argument(argumentText(argument), argument.description);
  for (const option of command.options ?? []) program.addOption(toOption(option));
  const examples = examplesText(command.examples);
  if (examples !== '') program.addHelpText('after', examples);
  for (const child of command.commands ?? []) program.addCommand(build(child, terminal, finish));
  const { run } = command;
  if (run) {
    program.action(async () => {
      const args = program.processedArgs as (string | string[] | undefined)[];
      finish(await run({ terminal, args, options: program.opts(), command }));
    });
  }
  return program;
}

/** Runs the command that `argv` (without node and script) names; resolves with the exit code. */
export async function runProgram(
  root: Command,
  argv: readonly string[],
  options: { readonly terminal: Terminal; readonly version: string },
): Promise<number> {
  let code = DONE;
  const program = build(root, options.terminal, (result) => (code = result));
  program.version(options.version, '--version', 'Shows the version.');
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return DONE;
    if (error instanceof CommanderError) {
      if (error.code === 'commander.excessArguments') complainOfNpm(options.terminal, startOptions);
      return MISUSED;
    }
    throw error;
  }
}
