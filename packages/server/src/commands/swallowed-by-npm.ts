import { longFlag, type CommandOption } from './command.ts';
import { complain } from './complain.ts';
import type { Terminal } from './terminal.ts';

/** Was this process started by an npm script of a checkout? */
export function byNpm({ npm_lifecycle_event: script }: Terminal['env']): boolean {
  return script !== undefined && script !== '';
}

/** `npm start --port 80` gives the flag to npm, which keeps it to itself as a setting of its own. */
export function swallowedByNpm(env: Terminal['env'], options: readonly CommandOption[]): string | undefined {
  if (env['npm_lifecycle_event'] !== 'start') return undefined;
  return options
    .map(longFlag)
    .find((flag) => env[`npm_config_${flag.slice(2).replaceAll('-', '_')}`] !== undefined);
}

/** Tells the user so; false where npm took nothing. */
export function complainOfNpm(terminal: Terminal, options: readonly CommandOption[]): boolean {
  const flag = swallowedByNpm(terminal.env, options);
  if (flag === undefined) return false;
  complain(
    terminal,
    `npm took ${flag} for itself: it hands on only what comes after "--".`,
    `npm start -- ${flag} …`,
  );
  return true;
}
