import { processTerminal } from './commands/terminal.ts';
import { complain } from './commands/complain.ts';
import { runProgram } from './commands/build-program.ts';
import { vibrissa } from './commands/vibrissa.ts';
import { VERSION } from './version.ts';

/** Runs the `vibrissa` command of this process; resolves with its exit code. */
export async function main(): Promise<number> {
  const argv = process.argv.slice(2).map((word) => (word === '-ns' ? '--namespace' : word));
  const terminal = processTerminal();
  try {
    return await runProgram(vibrissa, argv, { terminal, version: VERSION });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    complain(
      terminal,
      message,
      'This looks like a fault of Vibrissa; please report it with the lines below.',
    );
    terminal.err(`${stack ?? ''}\n`);
    return 1;
  }
}
