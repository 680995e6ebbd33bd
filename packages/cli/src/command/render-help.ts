import { commandLine, optionUsage, type CommandDescription, type OptionDescription } from './description.ts';
import { inheritedOptions } from './inherited-options.ts';

const SUMMARY_COLUMN_MAX = 30;
const SUMMARY_WIDTH_MIN = 20;

/** `wsk action create ACTION_NAME [ARTIFACT] [flags]`. */
export function usageLine(path: readonly CommandDescription[]): string {
  const command = path.at(-1);
  if (command?.commands !== undefined) return `${commandLine(path)} COMMAND`;
  return [commandLine(path), command?.arguments?.usage ?? '', '[flags]']
    .filter((word) => word !== '')
    .join(' ');
}

/** What an option does, with its values and its default. */
export function optionSummary(option: OptionDescription): string {
  const notes = [
    ...(option.choices && !option.open ? [option.choices.join(', ')] : []),
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
    ...(option.repeatable ? ['repeatable'] : []),
  ];
  return notes.length === 0 ? option.summary : `${option.summary} (${notes.join('; ')})`;
}

/** Lines of at most so many characters, broken between words; a longer word has its line for itself. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

type Rows = readonly (readonly [string, string])[];

/** Two columns, both aligned; a long first one has its line for itself. */
function table(rows: Rows, columns: number): string[] {
  const width = Math.min(SUMMARY_COLUMN_MAX, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) => {
    const lines = wrapped(right, Math.max(SUMMARY_WIDTH_MIN, columns - width - 4));
    const fits = left.length <= width;
    const [first = '', ...rest] = fits ? lines : ['', ...lines];
    const indented = rest.map((line) => `  ${' '.repeat(width)}  ${line}`);
    return [fits ? `  ${left.padEnd(width)}  ${first}` : `  ${left}`, ...indented];
  });
}

function optionRows(options: readonly OptionDescription[]): [string, string][] {
  return options.map((option) => {
    const usage = option.short === undefined ? `    ${optionUsage(option)}` : optionUsage(option);
    return [usage, optionSummary(option)];
  });
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines];
}

/** Where help is shown. */
interface HelpPlace {
  readonly globalOptions: readonly OptionDescription[];
  /** How wide; absent: as wide as it takes. */
  readonly columns?: number | undefined;
}

/** The help of a command, as text for people. */
export function renderHelp(
  path: readonly CommandDescription[],
  { columns = Infinity, globalOptions }: HelpPlace,
): string {
  const command = path.at(-1);
  if (command === undefined) return '';
  const inherited = inheritedOptions(command.options ?? [], globalOptions);
  const commands = command.commands?.map(({ name, summary }): [string, string] => [name, summary]) ?? [];
  const examples = command.examples?.flatMap(({ command: line, says }) => [`  # ${says}`, `  ${line}`]) ?? [];
  return [
    ...wrapped(command.summary, columns),
    ...(command.details?.flatMap((paragraph) => ['', ...wrapped(paragraph, columns)]) ?? []),
    ...section('Usage', [`  ${usageLine(path)}`]),
    ...section('Examples', examples),
    ...section('Commands', table(commands, columns)),
    ...section('Flags', table(optionRows(command.options ?? []), columns)),
    ...section('Global flags', table(optionRows(inherited), columns)),
    ...(commands.length > 0 ? ['', `More: ${commandLine(path)} COMMAND --help`] : []),
  ].join('\n');
}
