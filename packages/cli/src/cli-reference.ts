import { renderReference } from './command/render-reference.ts';
import { globalOptions } from './commands/options.ts';
import { rootCommand } from './commands/root.ts';

const exitCodeTable = [
  ['0', 'success'],
  [
    '1',
    'a general failure; a command line that is not understood: an unknown command or flag, arguments too few or too many, a value that is no number; no host or key',
  ],
  [
    '2',
    'something named cannot be used: a missing file, a folder that cannot be packed, code that is too large, a zip file without --kind, an unknown field, nothing to set',
  ],
  ['3', 'the platform cannot be reached'],
  ['149', 'not allowed: a bad name, or flags that exclude each other'],
  ['202', 'a blocking invocation that has not finished yet'],
  [
    'HTTP status − 256',
    'any other refusal, in eight bits: 400 → 144, 401 → 145, 403 → 147, 404 → 148, 409 → 153, 413 → 157, 429 → 173, 500 → 244, 502 → 246 (also: the action failed), 503 → 247',
  ],
] as const;

/** The reference of `wsk` as Markdown, for the documentation. */
export function renderCliReference(): string {
  return renderReference(rootCommand, globalOptions, exitCodeTable);
}
