import { Command, CommanderError, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { optionUsage, type OptionDescription } from './description.ts';
import { extractEntries } from './extract-entries.ts';
import type { ParsedOptions } from './parsed-options.ts';
import { suggestFlag } from './suggest-flag.ts';
import { didYouMean } from './suggest.ts';
import { takesValue } from './takes-value.ts';

/** A command line after its options were taken out. */
export interface ParsedCommandLine {
  readonly options: ParsedOptions;
  readonly arguments: readonly string[];
}

function attribute(long: string): string {
  return long.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function toCommander(option: OptionDescription): Option {
  const flags =
    option.value === undefined ? optionUsage(option) : optionUsage(option).replace(/ [^ ]+$/, ' <value>');
  const result = new Option(flags);
  if (option.repeatable)
    result.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  return result;
}

/** Go's flag library, which OpenWhisk's `wsk` uses, allows `--blocking=true`. */
function withoutSwitchValues(words: readonly string[], options: readonly OptionDescription[]): string[] {
  const switches = new Set(options.filter(({ value }) => value === undefined).map(({ long }) => `--${long}`));
  const end = words.indexOf('--');
  return words.flatMap((word, index) => {
    const [, flag = '', value = ''] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    if ((end !== -1 && index > end) || !switches.has(flag)) return [word];
    if (value === 'true') return [flag];
    if (value === 'false') return [];
    throw new CliError(`invalid argument "${value}" for "${flag}": it must be true or false`, {
      usage: true,
    });
  });
}

/** `-memory` would be `-m emory`: whoever writes it means `--memory`. */
function refuseSingleDashes(words: readonly string[], options: readonly OptionDescription[]): void {
  const end = words.indexOf('--');
  const wrong = words.slice(0, end === -1 ? undefined : end).find((word, index) => {
    const name = /^-([a-z][a-z-]+)(=|$)/.exec(word)?.[1];
    const isValue = takesValue(words[index - 1], options);
    return !isValue && options.some(({ long }) => long === name);
  });
  if (wrong === undefined) return;
  throw new CliError(`unknown flag: ${wrong}`, {
    usage: true,
    hints: [`Did you mean -${wrong}? Long flags begin with two dashes.`],
  });
}

function explain(error: CommanderError, options: readonly OptionDescription[]): CliError {
  const written = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  if (error.code === 'commander.unknownOption') {
    const name = written.replace(/=.*$/s, '');
    const known = options.map(({ long }) => `--${long}`);
    const hints = name.startsWith('--') ? didYouMean(name, known, suggestFlag) : [];
    return new CliError(`unknown flag: ${name}`, { usage: true, hints, cause: error });
  }
  const long = /--([a-z-]+)/.exec(written)?.[1] ?? '';
  const option = options.find((candidate) => candidate.long === long);
  const usage = option === undefined ? written : optionUsage(option);
  return new CliError(`flag needs an argument: ${usage}`, { usage: true, cause: error });
}

function checkValues(options: readonly OptionDescription[], values: Readonly<Record<string, unknown>>): void {
  for (const option of options) {
    const value = values[attribute(option.long)];
    if (typeof value !== 'string') continue;
    const where = `invalid argument "${value}" for "${optionUsage(option)}"`;
    if (option.integer && !/^[+-]?\d+$/.test(value)) {
      throw new CliError(`${where}: it must be a whole number`, { usage: true });
    }
    if (option.choices && !option.open && !option.choices.includes(value)) {
      const hints = didYouMean(value, option.choices);
      throw new CliError(`${where}: valid values are ${option.choices.join(', ')}`, { usage: true, hints });
    }
  }
}

/**
 * Parses the words of one command. Throws {@link CliError} for an unknown option, a missing or an unfit value.
 */
export function parseOptions(
  words: readonly string[],
  options: readonly OptionDescription[],
): ParsedCommandLine {
  const extracted = extractEntries(words, options);
  const parser = new Command().helpOption(false).exitOverride().allowExcessArguments(true);
  parser.configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  parser.argument('[words...]');
  for (const option of options) if (option.entries === undefined) parser.addOption(toCommander(option));
  try {
    refuseSingleDashes(extracted.rest, options);
    parser.parse(withoutSwitchValues(extracted.rest, options), { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? explain(error, options) : error;
  }
  const values = parser.opts<Record<string, unknown>>();
  checkValues(options, values);
  const text = (name: string): string | undefined => {
    const value = values[attribute(name)];
    if (typeof value === 'string') return value;
    return options.find(({ long }) => long === name)?.default;
  };
  return {
    arguments: parser.args,
    options: {
      text,
      flag: (name) => values[attribute(name)] === true,
      integer: (name) => (text(name) === undefined ? undefined : Number(text(name))),
      list: (name) => {
        const value = values[attribute(name)];
        return Array.isArray(value) ? value.map(String) : [];
      },
      given: (name) => values[attribute(name)] !== undefined,
      entries: (name) => extracted.entries[name],
    },
  };
}
