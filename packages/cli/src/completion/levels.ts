import { commandLine, type CommandDescription, type OptionDescription } from '../command/description.ts';

/** A command's own options and those that it inherits. */
export type OptionsOf = (own: readonly OptionDescription[] | undefined) => readonly OptionDescription[];

/** What can follow one command. */
export interface Level {
  /** `wsk action create`. */
  readonly line: string;
  readonly words: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly OptionDescription[];
  /** An argument may be a file. */
  readonly files: boolean;
}

function wordsOf(path: readonly CommandDescription[]): Level['words'] {
  const command = path.at(-1);
  if (command?.name === 'help' && path.length === 2) return path[0]?.commands ?? [];
  return command?.commands ?? command?.arguments?.choices?.map((name) => ({ name, summary: '' })) ?? [];
}

/** Every command of the tree, with what completes it. */
export function describeLevels(root: CommandDescription, optionsOf: OptionsOf): Level[] {
  const visit = (path: readonly CommandDescription[]): Level[] => {
    const command = path.at(-1) ?? root;
    const level: Level = {
      line: commandLine(path),
      words: wordsOf(path),
      options: optionsOf(command.options),
      files: command.arguments?.file === true,
    };
    const helped = command.name === 'help' && path.length === 2 ? (root.commands ?? []) : [];
    const below = helped.flatMap(({ name, commands }): Level[] =>
      commands ? [{ ...level, line: `${level.line} ${name}`, words: commands }] : [],
    );
    return [level, ...below, ...(command.commands ?? []).flatMap((child) => visit([...path, child]))];
  };
  return visit([root]);
}

/** `-t` and `--timeout`. */
export function flagsOf(option: OptionDescription): string[] {
  return [...(option.short === undefined ? [] : [`-${option.short}`]), `--${option.long}`];
}

/** The options of a level that take a value, each with the pattern of a `case` for its flags: `'wsk action:-t'|…`. */
export function valueOptions({
  line,
  options,
}: Level): { readonly option: OptionDescription; readonly pattern: string }[] {
  return options
    .filter(({ value }) => value !== undefined)
    .map((option) => ({
      option,
      pattern: flagsOf(option)
        .map((flag) => quote(`${line}:${flag}`))
        .join('|'),
    }));
}

/** A word in single quotes, for shells that know no escape inside them. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
