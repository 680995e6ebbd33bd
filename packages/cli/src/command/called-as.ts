import { commandLine, type CommandDescription, type OptionDescription } from './description.ts';
import { resolveCommand } from './resolve-command.ts';

/** A command of this program as hints show it, at the start of a line, after punctuation or in quotes. */
const suggested =
  /(^|[^\w'] |['`(])wsk (?=--help|action|activation|api|completion|dev|help|list|namespace|package|project|property|rule|sdk|trigger)/g;

/** Text with its commands as they work where it is read: npm's `npx` is part of them for whoever came through it. */
export function asCalled(text: string, environment: NodeJS.ProcessEnv): string {
  return environment['npm_command'] === 'exec' ? text.replace(suggested, '$1npx wsk ') : text;
}

/** The command that a wrong command line was about, as far as it can be told: `wsk action create`. */
export function meantCommand(
  root: CommandDescription,
  words: readonly string[],
  globalOptions: readonly OptionDescription[],
): string {
  for (let count = words.length; count > 0; count--) {
    try {
      return commandLine(resolveCommand(root, words.slice(0, count), globalOptions).path);
    } catch {
      // One word less may name a command.
    }
  }
  return root.name;
}
