import { renderReference } from './command/render-reference.ts';
import { globalOptions } from './commands/options.ts';
import { rootCommand } from './commands/root.ts';

const exitCodeTable = [
  ['0', 'success'],
  ['1', 'a general failure, or an unknown command or flag'],
  ['2', 'wrong usage'],
  ['3', 'the platform cannot be reached'],
  ['149', 'not allowed: a bad name, or flags that exclude each other'],
  ['202', 'a blocking invocation that has not finished yet'],
  [
    'HTTP status − 256',
    'any other refusal, in eight bits: 400 → 144, 401 → 145, 404 → 148, 409 → 153, 502 → 246',
  ],
] as const;

/** The reference of `wsk` as Markdown, for the documentation. */
export function renderCliReference(): string {
  return renderReference(rootCommand, globalOptions, exitCodeTable);
}
