import { commandLine, optionUsage, type CommandDescription, type OptionDescription } from './description.ts';
import { optionSummary, usageLine } from './render-help.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function optionTable(options: readonly OptionDescription[]): string[] {
  if (options.length === 0) return [];
  const rows = options.map((option) => `| \`${optionUsage(option)}\` | ${cell(optionSummary(option))} |`);
  return ['| flag | what it does |', '|---|---|', ...rows, ''];
}

function commandSection(path: readonly CommandDescription[]): string[] {
  const command = path.at(-1);
  if (command === undefined) return [];
  const children = (command.commands ?? []).flatMap((child) => commandSection([...path, child]));
  if (command.commands !== undefined)
    return [`## \`${commandLine(path)}\``, '', `${command.summary}.`, '', ...children];
  const examples = command.examples?.flatMap(({ command: line, says }) => [`# ${says}`, line]) ?? [];
  return [
    `${path.length > 2 ? '###' : '##'} \`${usageLine(path)}\``,
    '',
    `${command.summary}.`,
    '',
    ...(command.details ?? []).flatMap((paragraph) => [paragraph, '']),
    ...(examples.length > 0 ? ['```sh', ...examples, '```', ''] : []),
    ...optionTable(command.options ?? []),
  ];
}

/** The reference of a tree of commands, as Markdown. */
export function renderReference(
  root: CommandDescription,
  globalOptions: readonly OptionDescription[],
  exitCodes: readonly (readonly [code: string, meaning: string])[],
): string {
  const examples = root.examples?.flatMap(({ command, says }) => [`# ${says}`, command]) ?? [];
  return [
    `# The command \`${root.name}\``,
    '',
    root.summary,
    '',
    '```sh',
    ...examples,
    '```',
    '',
    ...(root.commands ?? []).flatMap((command) => commandSection([root, command])),
    '## Flags of every command',
    '',
    ...optionTable(globalOptions),
    '## Exit codes',
    '',
    '| code | meaning |',
    '|---|---|',
    ...exitCodes.map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`),
    '',
  ].join('\n');
}
