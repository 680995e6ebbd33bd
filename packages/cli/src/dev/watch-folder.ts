import type { Clock } from '../base/clock.ts';
import { changedFiles, takeSnapshot } from './snapshot.ts';

const INTERVAL_MS = 250;

/**
 * Yields the names of changed files each time a folder has changed and come to rest. It looks at the files again
 * and again, because notices of changes get lost on shared and mounted folders, and looking never does.
 */
export async function* watchFolder(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  let known = takeSnapshot(folder);
  while (!signal.aborted) {
    await clock.sleep(INTERVAL_MS, signal);
    let now = takeSnapshot(folder);
    if (signal.aborted || changedFiles(known, now).length === 0) continue;
    for (;;) {
      await clock.sleep(INTERVAL_MS, signal);
      const later = takeSnapshot(folder);
      const rests = changedFiles(now, later).length === 0;
      now = later;
      if (rests || signal.aborted) break;
    }
    const changed = changedFiles(known, now);
    known = now;
    // A file that was written and taken back in between is no change.
    if (changed.length > 0 && !signal.aborted) yield changed;
  }
}
