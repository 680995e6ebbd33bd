import type { Clock } from '../base/clock.ts';
import type { WhiskClient } from '../client/whisk-client.ts';
import type { Settings } from '../config/settings.ts';
import type { Output } from '../output/output.ts';
import type { EntriesName, ParsedOptions } from './parsed-options.ts';

/** What one option is. Parsing, help, completion and the reference derive from it. */
export interface OptionDescription {
  /** Without the dashes. */
  readonly long: string;
  readonly short?: string;
  /** Placeholder of the value, as `MS`; absent: a switch. */
  readonly value?: string;
  readonly summary: string;
  /** Must be a whole number. */
  readonly integer?: true;
  /** May be given several times. */
  readonly repeatable?: true;
  /** The values that exist; `open`: others are allowed too. */
  readonly choices?: readonly string[];
  readonly open?: true;
  /** Used when the option is not given; shown in help. */
  readonly default?: string;
  /** The value is a file's path: completed as such. */
  readonly file?: true;
  /** Collects named values under this name, from two words or from a JSON file. */
  readonly entries?: EntriesName;
  /** Of {@link entries}: the second word is a text, also where it looks like JSON. */
  readonly verbatim?: true;
}

/** How many words a command takes after its flags, and what to say when they are too few or too many. */
export interface ArgumentsDescription {
  /** As shown in usage lines: `ACTION_NAME [ARTIFACT]`. */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  readonly hint: string;
  /** Words that complete the first argument. */
  readonly choices?: readonly string[];
  /** An argument may be a file. */
  readonly file?: true;
}

export interface Example {
  readonly command: string;
  readonly says: string;
}

/** All that a command may use; what it does not find here it does not touch. */
export interface CommandContext {
  /** The tree of all commands. */
  readonly root: CommandDescription;
  readonly arguments: readonly string[];
  readonly options: ParsedOptions;
  readonly output: Output;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C and SIGTERM, for commands that run until then; asking for it replaces the default of ending at once. */
  readonly onInterrupt: () => AbortSignal;
  /** The client of the configured platform, or of another one; throws where no host or key is known. */
  readonly client: (settings?: Settings) => Promise<WhiskClient>;
}

/** Runs a command; the number is the exit code. */
export type CommandRunner = (context: CommandContext) => number | Promise<number>;

/** A command that does something, or a group of commands. */
export interface CommandDescription {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs below the summary. */
  readonly details?: readonly string[];
  readonly examples?: readonly Example[];
  readonly arguments?: ArgumentsDescription;
  readonly options?: readonly OptionDescription[];
  readonly commands?: readonly CommandDescription[];
  /** Loads the command's code only when it is run: start-up time is most of a command's time. */
  readonly load?: () => Promise<CommandRunner>;
}

/** `wsk action create`. */
export function commandLine(path: readonly CommandDescription[]): string {
  return path.map((command) => command.name).join(' ');
}

/** `-t, --timeout MS`, or `--timeout MS`. */
export function optionUsage(option: OptionDescription): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${option.long}${option.value === undefined ? '' : ` ${option.value}`}`;
}
