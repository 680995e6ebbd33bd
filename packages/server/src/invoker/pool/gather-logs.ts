import type { Job } from '../job.ts';
import type { LogSource } from '../run/conclude-activation.ts';
import type { LinkedContainer } from './link-container.ts';

const MEBIBYTE = 1024 * 1024;

/** Begins to gather what an activation writes; undefined where its action keeps no logs. */
export function gatherLogs(job: Job, { collector, fetcher, style }: LinkedContainer): LogSource | undefined {
  const limitBytes = job.action.entity.limits.logs * MEBIBYTE;
  if (limitBytes === 0) return undefined;
  const logs = collector.open(limitBytes);
  job.logs = logs;
  job.fetcher = fetcher;
  return { collector, logs, style, fetcher, answered: false };
}

/** Forgets those of an activation whose code never started: its next container gathers anew. */
export function dropLogs(source: LogSource | undefined): void {
  source?.collector.close(source.logs, { developerError: false, incomplete: false });
}
