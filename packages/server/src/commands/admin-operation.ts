import type { Answer, Operation } from '../administration/operation.ts';
import type { CommandCall } from './command.ts';
import { gatherConfigOrComplain } from './gather-config.ts';
import { complain } from './complain.ts';

const MISUSED = 2;

/** What a call means: an operation, or what is wrong with it. */
export type Meant =
  | { readonly ok: true; readonly operation: Operation }
  | { readonly ok: false; readonly what: string; readonly mend?: string };

function print({ terminal }: CommandCall, { exitCode, lines }: Answer): void {
  const write = exitCode === 0 ? terminal.out : terminal.err;
  write(lines.map((line) => `${line}\n`).join(''));
}

/** Carries out what a call means on the platform of its data directory, and prints the answer. */
export async function runOperation(call: CommandCall, meant: Meant): Promise<number> {
  if (!meant.ok) {
    complain(call.terminal, meant.what, meant.mend);
    return MISUSED;
  }
  const loaded = gatherConfigOrComplain(call);
  if (!loaded) return MISUSED;
  const { administerDataDirectory } = await import('../wiring/administer-data-directory.ts');
  const result = await administerDataDirectory(loaded.config, meant.operation);
  if ('refused' in result) {
    complain(call.terminal, result.refused, result.mend);
    return 1;
  }
  print(call, result);
  return result.exitCode;
}
