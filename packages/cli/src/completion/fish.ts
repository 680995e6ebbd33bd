import { optionSummary } from '../command/render-help.ts';
import type { OptionDescription } from '../command/description.ts';
import type { Level } from './levels.ts';

/** A word in single quotes, inside which fish knows two escapes. */
function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}

function optionLine(condition: string, option: OptionDescription): string {
  const parts = [`complete -c wsk -n ${condition} -l ${option.long}`];
  if (option.short !== undefined) parts.push(`-s ${option.short}`);
  if (option.value !== undefined) parts.push(option.file ? '-r -F' : '-x');
  if (option.choices) parts.push(`-a ${quote(option.choices.join(' '))}`);
  return `${parts.join(' ')} -d ${quote(optionSummary(option))}`;
}

function levelLines({ line, words, options, files }: Level): string[] {
  const condition = quote(`__wsk_at "${line}"`);
  return [
    ...words.map(({ name, summary }) => `complete -c wsk -n ${condition} -a ${name} -d ${quote(summary)}`),
    ...(files ? [`complete -c wsk -n ${condition} -F`] : []),
    ...options.map((option) => optionLine(condition, option)),
  ];
}

/** A script for fish. */
export function renderFish(levels: readonly Level[]): string {
  const lines = levels.slice(1).map(({ line }) => quote(line));
  return `# fish completion for wsk; keep it as ~/.config/fish/completions/wsk.fish
function __wsk_at
    set -l line wsk
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        switch "$line $word"
            case ${lines.join(' ')}
                set line "$line $word"
        end
    end
    test "$line" = "$argv[1]"
end
complete -c wsk -f
${levels.flatMap(levelLines).join('\n')}
`;
}
