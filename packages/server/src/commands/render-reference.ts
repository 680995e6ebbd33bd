import { settings } from '../config/schema.ts';
import type { Command, CommandOption } from './command.ts';
import { vibrissa } from './vibrissa.ts';

function escape(text: string): string {
  return text.replaceAll('|', '\\|');
}

function usage(path: string, command: Command): string {
  const args = (command.args ?? []).map(({ name, optional, variadic }) => {
    const text = `${name}${variadic ? '...' : ''}`;
    return optional ? ` [${text}]` : ` <${text}>`;
  });
  return `${path}${command.options?.length ? ' [options]' : ''}${args.join('')}`;
}

function optionRow(option: CommandOption): string {
  const setting = option.setting === undefined ? undefined : settings.get(option.setting);
  const preset = option.preset ?? setting?.computed ?? setting?.default;
  const shown = preset === undefined || preset === '' ? '' : `\`${preset}\``;
  return `| \`${escape(option.flags)}\` | ${escape(option.description)} | ${shown} |\n`;
}

function section(path: string, command: Command): string {
  const parts = [`## ${path}\n\n${command.description ?? command.summary}\n`];
  parts.push(`\n\`\`\`\n${usage(path, command)}\n\`\`\`\n`);
  if (command.args?.length) {
    const rows = command.args.map(({ name, description }) => `| \`${name}\` | ${escape(description)} |\n`);
    parts.push(`\n| argument | meaning |\n| --- | --- |\n${rows.join('')}`);
  }
  if (command.options?.length) {
    const rows = command.options.map(optionRow);
    parts.push(`\n| option | meaning | default |\n| --- | --- | --- |\n${rows.join('')}`);
  }
  if (command.examples?.length) parts.push(`\n\`\`\`sh\n${command.examples.join('\n')}\n\`\`\`\n`);
  return parts.join('');
}

function sections(path: string, command: Command): string[] {
  const own = command.run ? [section(path, command)] : [];
  return [...own, ...(command.commands ?? []).flatMap((child) => sections(`${path} ${child.name}`, child))];
}

/** The reference page of the operator's command line, in Markdown. */
export function renderVibrissaReference(): string {
  return `# The \`vibrissa\` command

${vibrissa.description ?? vibrissa.summary} Exit codes: 0 done, 1 failed, 2 called wrongly or configured wrongly.
In a checkout it is run as \`npx vibrissa\`.

${sections('vibrissa', vibrissa).join('\n')}`;
}
