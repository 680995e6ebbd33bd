import type { CommandRunner } from '../command/description.ts';
import { renderHelp } from '../command/render-help.ts';
import { resolveCommand } from '../command/resolve-command.ts';
import { globalOptions } from './options.ts';

/** `wsk help action create`. */
export const printHelp: CommandRunner = ({ arguments: words, output, root }) => {
  const { path } = resolveCommand(root, words, globalOptions);
  const text = renderHelp(path, { globalOptions, columns: output.columns });
  if (output.format === 'text') output.line(text);
  else output.document(JSON.stringify({ help: text }));
  return 0;
};
