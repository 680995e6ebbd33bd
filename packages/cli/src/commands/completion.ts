import { CliError } from '../cli-error.ts';
import type { CommandRunner } from '../command/description.ts';
import { renderCompletion, shells } from '../command/render-completion.ts';
import { didYouMean } from '../command/suggest.ts';
import { effectiveOptions } from './options.ts';

/** `wsk completion bash`. */
export const printCompletion: CommandRunner = ({ arguments: words, output, root }) => {
  const shell = shells.find((name) => name === words[0]);
  if (shell === undefined) {
    throw new CliError(`There is no completion for '${words[0] ?? ''}'; there is for ${shells.join(', ')}.`, {
      usage: true,
      hints: didYouMean(words[0] ?? '', shells),
    });
  }
  const script = renderCompletion(shell, root, effectiveOptions);
  if (output.format === 'text') output.line(script.trimEnd());
  else output.document(JSON.stringify({ shell, script }));
  return 0;
};
