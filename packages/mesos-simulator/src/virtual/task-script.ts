import type { ContainerLaunch, ProbeResult, ProbeSpec } from '../agent/messages.ts';
import type { RandomSource } from '../base/random.ts';

/** What an imagined process does. */
export interface TaskScript {
  /** From the order to the start of the executor. */
  readonly executorMs: number;
  /** From there to the start of the process. */
  readonly startMs: number;
  /** It does not start at all: told as the agent would. */
  readonly failure?: { readonly message: string; readonly reason?: string; readonly dropped?: boolean };
  /** When it ends by itself; absent: never. */
  readonly runMs?: number;
  /** How it ends then; default 0. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** From SIGTERM to its end; absent: it ignores SIGTERM. */
  readonly termMs?: number;
  /** Its exit code after SIGTERM; default: the signal ends it. */
  readonly termExitCode?: number;
  /** What the `count`th probe of a kind finds; default: all is well. */
  readonly probe?: (spec: ProbeSpec, count: number) => ProbeResult;
}

export type TaskBehaviour = (launch: ContainerLaunch, random: RandomSource) => TaskScript;

/**
 * The behaviour that a task's labels ask for: `simulator.run-ms`, `.exit-code`, `.signal`, `.executor-ms`, `.start-ms`,
 * `.failure` (a message), `.ignores-term`, `.term-exit-code`, `.unhealthy-from` (the first probe that fails, from 1).
 * Without labels it runs until it is killed.
 */
export const labelledBehaviour: TaskBehaviour = ({ task }, random) => {
  const labels = new Map(task.labels?.labels.map(({ key, value }) => [key, value ?? '']));
  const number = (name: string): number | undefined => {
    const value = labels.get(`simulator.${name}`);
    return value === undefined ? undefined : Number(value);
  };
  const failure = labels.get('simulator.failure');
  const signal = labels.get('simulator.signal');
  const unhealthyFrom = number('unhealthy-from');
  const runMs = number('run-ms');
  const exitCode = number('exit-code');
  const termExitCode = number('term-exit-code');
  return {
    executorMs: number('executor-ms') ?? 200 + random.next() * 100,
    startMs: number('start-ms') ?? 5 + random.next() * 15,
    ...(failure === undefined ? {} : { failure: { message: failure } }),
    ...(runMs === undefined ? {} : { runMs }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(labels.has('simulator.ignores-term') ? {} : { termMs: 40 + random.next() * 60 }),
    ...(termExitCode === undefined ? {} : { termExitCode }),
    ...(unhealthyFrom === undefined
      ? {}
      : { probe: (spec, count) => (count < unhealthyFrom ? healthy(spec) : unhealthy(spec)) }),
  };
};

export function healthy({ type }: ProbeSpec): ProbeResult {
  return { COMMAND: { exitCode: 0 }, HTTP: { statusCode: 200 }, TCP: { connected: true } }[type];
}

function unhealthy({ type }: ProbeSpec): ProbeResult {
  return { COMMAND: { exitCode: 1 }, HTTP: { statusCode: 500 }, TCP: { connected: false } }[type];
}
