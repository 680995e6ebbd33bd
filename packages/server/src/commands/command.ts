import type { Terminal } from './terminal.ts';

/** An argument by position. */
export interface CommandArgument {
  readonly name: string;
  readonly description: string;
  readonly optional?: boolean;
  readonly variadic?: boolean;
  /** The words that there are for it. */
  readonly choices?: readonly string[];
}

/** A flag, in commander's notation: `-p, --port <port>`. */
export interface CommandOption {
  readonly flags: string;
  readonly description: string;
  /** The setting it gives a value to; its description and default are then told from there. */
  readonly setting?: string;
  /** The default in words, where it is not the setting's. */
  readonly preset?: string;
  /** The values that there are, where neither a setting nor the notation tells. */
  readonly choices?: readonly string[];
  /** May be given several times; its value is then a list. */
  readonly repeatable?: boolean;
}

/** What a command was called with, checked against its declaration. */
export interface CommandCall {
  readonly terminal: Terminal;
  /** Positional ones in order; a variadic one as a list. */
  readonly args: readonly (string | readonly string[] | undefined)[];
  /** By the long name in camel case. */
  readonly options: { readonly [name: string]: string | boolean | readonly string[] | undefined };
  /** The command's declaration, where a flag names a setting. */
  readonly command: Command;
}

/**
 * A command as data: the parser, the help, the reference page and the shell completion are all derived from it.
 * `run` resolves with the exit code: 0 done, 1 failed, 2 called wrongly.
 */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly args?: readonly CommandArgument[];
  readonly options?: readonly CommandOption[];
  readonly examples?: readonly string[];
  readonly commands?: readonly Command[];
  readonly run?: (call: CommandCall) => Promise<number>;
}

/** `--data-dir <directory>` → `dataDir`, as the parser names it. */
export function optionName({ flags }: CommandOption): string {
  const long = /--([a-zA-Z-]+)/.exec(flags)?.[1] ?? flags;
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `-p, --port <port>` → `--port`. */
export function longFlag({ flags }: CommandOption): string {
  return /--[a-zA-Z-]+/.exec(flags)?.[0] ?? flags;
}
