import type { ProbeResult, ProbeSpec } from '../agent/messages.ts';
import type { Clock } from '../base/clock.ts';
import { probeHttp, probeTcp, withinTime } from './probes.ts';
import type { RunningProcess } from './run-process.ts';

export interface ProbedPlace {
  readonly clock: Clock;
  /** Where the task's ports are reached. */
  readonly host: string;
  /** Starts the check's command where the task's process is; undefined: the check has none. */
  readonly startCommand: (check: ProbeSpec) => Promise<RunningProcess | undefined>;
}

/** Runs one check of a task; never rejects. */
export function runProbe(place: ProbedPlace, check: ProbeSpec, timeoutMs: number): Promise<ProbeResult> {
  return withinTime(place.clock, timeoutMs, (signal) => {
    if (check.type === 'HTTP') return probeHttp(check, place.host, signal);
    if (check.type === 'TCP') return probeTcp(check, place.host, signal);
    return probeCommand(place, check, signal);
  });
}

async function probeCommand(place: ProbedPlace, check: ProbeSpec, signal: AbortSignal): Promise<ProbeResult> {
  const process = await place.startCommand(check);
  if (!process) return { error: 'the check has no command' };
  const kill = () => process.signal('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const { exitCode, signal: killedBy } = await process.ended;
  signal.throwIfAborted();
  return exitCode === undefined ? { error: `the command was ended by ${killedBy}` } : { exitCode };
}
