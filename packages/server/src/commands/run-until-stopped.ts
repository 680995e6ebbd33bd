import { afterRunning } from '../base/after-running.ts';
import { systemClock } from '../base/clock.ts';
import { mendOf } from '../base/mendable.ts';
import type { Config } from '../config/schema.ts';
import { VERSION } from '../version.ts';
import { complain } from './complain.ts';
import { findingText } from './finding-text.ts';
import { listenForStop } from './stop-signals.ts';
import { startText } from './start-text.ts';
import { stopText } from './stop-text.ts';
import { byNpm } from './swallowed-by-npm.ts';
import type { Terminal } from './terminal.ts';

/** Whoever told the platform to stop may kill it after 4 s: it has gone by itself before. */
const MARGIN_MS = 1700;
const FORCED = 1;

/** What a cluster takes to remove what ran, or all, is its own; a second signal ends the wait. */
function marginMs({ containers, mesos }: Config): number {
  if (containers.factory !== 'mesos') return MARGIN_MS;
  const { taskDelete, teardown } = mesos.timeouts;
  return MARGIN_MS + taskDelete + (mesos.teardownOnExit ? teardown : 0);
}

type Platform = import('../wiring/platform.ts').Platform;

/** Starts the platform, says how to use it, waits for a signal and drains. Resolves with the exit code. */
export async function runUntilStopped(config: Config, terminal: Terminal): Promise<number> {
  const signals = listenForStop(systemClock);
  terminal.out(`Vibrissa ${VERSION}\n\n`);
  let platform: Platform | undefined;
  const endAtOnce = (why: string): never => {
    platform?.flushLog();
    terminal.err(`${why}\nWhat ran is recorded at the next start.\n`);
    process.exit(FORCED);
  };
  // A fault of ours that nobody caught: what the process would do next is unknown, so it ends. The journal knows what
  // ran, the sandboxes end with their spawner, and the spawner with this process.
  process.on('uncaughtException', (error) => endAtOnce(`fatal: ${error.stack ?? String(error)}`));
  void signals.force.then(() => endAtOnce('A second signal came: stopping at once.'));
  const { Platform } = await import('../wiring/platform.ts');
  try {
    platform = await Platform.open({
      config,
      logToFile: terminal.errIsScreen,
      report: (finding) => terminal.out(findingText(finding)),
    });
  } catch (error) {
    const mendable = mendOf(error);
    if (!mendable) throw error;
    complain(terminal, mendable.message, mendable.mend);
    return 1;
  }
  terminal.out(startText(platform.facts, byNpm(terminal.env) ? 'npx wsk' : 'wsk'));
  await signals.stop;
  terminal.out('\nStopping: running activations may end; again stops at once.\n');
  // A machine that stands still meanwhile is no reason to leave things as they are.
  afterRunning(systemClock, config.shutdown.grace + marginMs(config), () =>
    endAtOnce('The drain took too long: stopping at once.'),
  );
  const left = await platform.close();
  platform.flushLog();
  const vibrissa = byNpm(terminal.env) ? 'npx vibrissa' : 'vibrissa';
  terminal.out(`Stopped.\n${stopText(left, config, vibrissa)}`);
  return 0;
}
