import { commandLine, optionUsage, type CommandDescription, type OptionDescription } from './description.ts';
import { inheritedOptions } from './inherited-options.ts';

const SUMMARY_COLUMN_MAX = 30;

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

/** Two columns, the second aligned; a long first one has its line for itself. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(SUMMARY_COLUMN_MAX, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) =>
    left.length > width
      ? [`  ${left}`, `  ${' '.repeat(width)}  ${right}`]
      : [`  ${left.padEnd(width)}  ${right}`],
  );
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

/** The help of a command, as text for people. */
export function renderHelp(
  path: readonly CommandDescription[],
  globalOptions: readonly OptionDescription[],
): string {
  const command = path.at(-1);
  if (command === undefined) return '';
  const inherited = inheritedOptions(command.options ?? [], globalOptions);
  const commands = command.commands?.map(({ name, summary }): [string, string] => [name, summary]) ?? [];
  const examples = command.examples?.flatMap(({ command: line, says }) => [`  # ${says}`, `  ${line}`]) ?? [];
  return [
    command.summary,
    ...(command.details?.flatMap((paragraph) => ['', paragraph]) ?? []),
    ...section('Usage', [`  ${usageLine(path)}`]),
    ...section('Examples', examples),
    ...section('Commands', table(commands)),
    ...section('Flags', table(optionRows(command.options ?? []))),
    ...section('Global flags', table(optionRows(inherited))),
    ...(commands.length > 0 ? ['', `More: ${commandLine(path)} COMMAND --help`] : []),
  ].join('\n');
}
