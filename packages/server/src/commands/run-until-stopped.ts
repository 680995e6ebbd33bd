import { systemClock } from '../base/clock.ts';
import { mendOf } from '../base/mendable.ts';
import type { Config } from '../config/schema.ts';
import { VERSION } from '../version.ts';
import { complain } from './complain.ts';
import { findingText } from './finding-text.ts';
import { listenForStop, type StopSignals } from './stop-signals.ts';
import { startText } from './start-text.ts';
import type { Terminal } from './terminal.ts';

/** Whoever told the platform to stop may kill it after 4 s: it has gone by itself before. */
const MARGIN_MS = 1700;
const FORCED = 1;

type Platform = import('../wiring/platform.ts').Platform;

/** Starts the platform, says how to use it, waits for a signal and drains. Resolves with the exit code. */
export async function runUntilStopped(config: Config, terminal: Terminal): Promise<number> {
  const signals = listenForStop(systemClock);
  terminal.out(`Vibrissa ${VERSION}\n\n`);
  const { Platform } = await import('../wiring/platform.ts');
  let platform: Platform | undefined;
  crashLoudly(terminal, () => platform?.flushLog());
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
  terminal.out(startText(platform.facts));
  return drain(platform, { signals, terminal, graceMs: config.shutdown.grace });
}

/**
 * A fault of ours that nobody caught: what the process would do next is unknown, so it ends. The journal knows what ran,
 * the sandboxes end with their spawner, and the spawner with this process.
 */
function crashLoudly(terminal: Terminal, flushLog: () => void): void {
  process.on('uncaughtException', (error) => {
    flushLog();
    terminal.err(`fatal: ${error.stack ?? String(error)}\nWhat ran is recorded at the next start.\n`);
    process.exit(FORCED);
  });
}

async function drain(
  platform: Platform,
  { signals, terminal, graceMs }: { signals: StopSignals; terminal: Terminal; graceMs: number },
): Promise<number> {
  await signals.stop;
  terminal.out('\nStopping: running activations may end; again stops at once.\n');
  const forced = Promise.race([
    signals.force.then(() => 'A second signal came: stopping at once.'),
    systemClock.sleep(graceMs + MARGIN_MS).then(() => 'The drain took too long: stopping at once.'),
  ]);
  const closed = platform.close().then(() => undefined);
  const why = await Promise.race([closed, forced]);
  platform.flushLog();
  if (why === undefined) {
    terminal.out('Stopped.\n');
    return 0;
  }
  terminal.err(`${why} What ran is recorded at the next start.\n`);
  return FORCED;
}
