import { readFileSync } from 'node:fs';

import { CommanderError } from 'commander';

import { MesosSimulator } from '../simulator/simulator.ts';
import type { SimulatorOptions } from '../simulator/simulator-options.ts';
import { buildProgram } from './program.ts';

const MISUSED = 2;
const FAILED = 1;
const INTERRUPTED = 130;

/** How to mend what node says about an address. */
const mends: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there: take other ports with --port, --agent-port and --marathon.',
  EADDRNOTAVAIL: 'This machine has no such address: give one of its own with --host.',
  EACCES: 'That is not allowed to you: take ports from 1024 on.',
};

function version(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

function announce(simulator: MesosSimulator, { marathon }: SimulatorOptions): void {
  const { masters, agents } = simulator.control.status();
  for (const { number, url, leading } of masters) {
    console.log(`master ${number}  ${url}${leading ? '  leads; the page is there, too' : ''}`);
  }
  for (const { number, url } of agents) console.log(`agent ${number}   ${url}`);
  console.log(`control   ${simulator.controlUrl ?? simulator.url}/simulator`);
  if (marathon !== undefined) console.log(`marathon  ${simulator.marathon.url}`);
  console.log(`sandboxes ${simulator.workDirectory}`);
}

/** Resolves at the first signal that asks to end; a second one ends at once. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(INTERRUPTED));
        resolve();
      });
    }
  });
}

async function run(options: SimulatorOptions): Promise<void> {
  const stopped = untilStopped();
  const simulator = await MesosSimulator.open(options);
  announce(simulator, options);
  await stopped;
  await simulator.stop();
}

/** Runs the `mesos-simulator` command of this process; resolves with its exit code. */
export async function main(argv: readonly string[] = process.argv): Promise<number> {
  try {
    await buildProgram(version(), run).exitOverride().parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
    const { message, code = '' } = error as NodeJS.ErrnoException;
    console.error(`error: ${message}`);
    if (mends[code]) console.error(`  mend: ${mends[code]}`);
    return FAILED;
  }
}
