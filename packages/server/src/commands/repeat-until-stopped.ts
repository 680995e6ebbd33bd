import { systemClock } from '../base/clock.ts';
import { listenForStop } from './stop-signals.ts';
import type { Terminal } from './terminal.ts';

const EVERY_MS = 2000;

export interface Repetition {
  readonly terminal: Terminal;
  /** Shows it once and resolves with the exit code; the signal ends it early. */
  readonly show: (signal: AbortSignal) => Promise<number>;
  /** Is it shown again after this exit code? */
  readonly goesOn: (code: number) => boolean;
}

/** Shows something again every 2 seconds until the process is told to stop. Resolves with the exit code of the last time. */
export async function repeatUntilStopped({ goesOn, show, terminal }: Repetition): Promise<number> {
  const end = new AbortController();
  void listenForStop(systemClock).stop.then(() => end.abort());
  for (;;) {
    const code = await show(end.signal);
    if (!goesOn(code)) return code;
    await systemClock.sleep(EVERY_MS, end.signal).catch(() => {});
    if (end.signal.aborted) return code;
    terminal.out('\n');
  }
}
