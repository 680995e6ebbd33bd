import { processTerminal } from './commands/terminal.ts';
import { runProgram } from './commands/build-program.ts';
import { vibrissa } from './commands/vibrissa.ts';
import { VERSION } from './version.ts';

/** Runs the `vibrissa` command of this process; resolves with its exit code. */
export function main(): Promise<number> {
  const argv = process.argv.slice(2).map((word) => (word === '-ns' ? '--namespace' : word));
  return runProgram(vibrissa, argv, { terminal: processTerminal(), version: VERSION });
}
