import { CliError } from '../cli-error.ts';
import { commandLine, type CommandDescription, type OptionDescription } from './description.ts';
import { didYouMean } from './suggest.ts';
import { takesValue } from './takes-value.ts';

/** What a command line's words led to; `rest` are the words that are not part of the command's name. */
export interface Resolution {
  readonly path: readonly CommandDescription[];
  readonly command: CommandDescription;
  readonly rest: readonly string[];
}

function unknownCommand(word: string, path: readonly CommandDescription[]): CliError {
  const known = path.at(-1)?.commands?.map(({ name }) => name) ?? [];
  const hints = didYouMean(word, known);
  hints.push(`Commands here: ${known.join(', ')}.`);
  return new CliError(`unknown command "${word}" for "${commandLine(path)}"`, { usage: true, hints });
}

/**
 * Follows the words of a command line down the tree of commands, over options that every command has.
 * Throws {@link CliError} with suggestions where a word is no command.
 */
export function resolveCommand(
  root: CommandDescription,
  words: readonly string[],
  globalOptions: readonly OptionDescription[],
): Resolution {
  const path = [root];
  const rest: string[] = [];
  let command = root;
  let index = 0;
  for (; index < words.length && command.commands !== undefined; index++) {
    const word = words[index] ?? '';
    if (word === '--') break;
    if (word.startsWith('-') && word !== '-') {
      rest.push(word);
      const next = words[index + 1];
      if (takesValue(word, globalOptions) && next !== undefined) {
        rest.push(next);
        index++;
      }
      continue;
    }
    const found: CommandDescription | undefined = command.commands.find(({ name }) => name === word);
    if (found === undefined) throw unknownCommand(word, path);
    command = found;
    path.push(found);
  }
  return { path, command, rest: [...rest, ...words.slice(index)] };
}
