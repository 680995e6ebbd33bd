import type { TaskHandle, TaskSpec } from '@vibrissa/mesos';

import type { Clock, Timer } from '../../base/clock.ts';
import { ContainerStartError } from '../container-factory.ts';
import { whyNoneFits } from './fitting-agents.ts';
import type { MesosConnection } from './mesos-connection.ts';
import { waitingText } from './shortage-words.ts';

/** From the submission to the first look whether any agent could take it, and from look to look. */
const FIRST_LOOK_MS = 2000;
const NEXT_LOOK_MS = 10_000;

export interface LaunchWatchDeps {
  readonly connection: MesosConnection;
  readonly clock: Clock;
  /** From the submission until its container takes connections. */
  readonly limitMs: number;
}

export interface WatchedLaunch {
  readonly handle: TaskHandle;
  readonly spec: TaskSpec;
  /** The asker's. */
  readonly signal: AbortSignal | undefined;
}

/** The task's agent was cut off while its container started: another launch may do. */
export class LostWhileStarting extends Error {
  override readonly name = 'LostWhileStarting';
}

/** Sees to it that a launch ends when somebody or something says that it won't succeed, or when its time is up. */
export class LaunchWatch {
  /** Rejects when the launch is to be given up; never resolves. */
  readonly interrupted: Promise<never>;
  readonly #deps: LaunchWatchDeps;
  readonly #launch: WatchedLaunch;
  readonly #over = new AbortController();
  readonly #timers: Timer[] = [];
  #interrupt: (error: unknown) => void = () => {};

  constructor(deps: LaunchWatchDeps, launch: WatchedLaunch) {
    this.#deps = deps;
    this.#launch = launch;
    this.interrupted = new Promise((_resolve, reject) => (this.#interrupt = reject));
    this.interrupted.catch(() => this.end());
    const { handle, signal } = launch;
    const options = { signal: this.#over.signal };
    signal?.addEventListener('abort', () => this.#interrupt(signal.reason), options);
    if (signal?.aborted) this.#interrupt(signal.reason);
    this.#after(deps.limitMs, () => this.#interrupt(this.#overdue()));
    this.#after(FIRST_LOOK_MS, () => void this.#look());
    deps.connection.listen(handle.id, ({ status }) => {
      if (status.state !== 'TASK_UNREACHABLE') return;
      this.#interrupt(new LostWhileStarting("Its Mesos agent can't be reached."));
    });
  }

  /** Fires when the launch is over, for better or worse. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  end(): void {
    this.#over.abort();
    for (const timer of this.#timers) timer.cancel();
  }

  #after(delayMs: number, run: () => void): void {
    this.#timers.push(this.#deps.clock.after(delayMs, run));
  }

  /** No agent will ever fit it: nobody has to wait for the time limit to be told so. */
  async #look(): Promise<void> {
    const { connection } = this.#deps;
    const { handle, spec } = this.#launch;
    const why =
      handle.explain().kind === 'waiting' && !connection.isYoung
        ? whyNoneFits(await connection.agents().catch(() => []), {
            cpus: spec.cpus,
            memoryMb: spec.memoryMb,
            constraints: spec.constraints ?? [],
          })
        : undefined;
    if (this.#over.signal.aborted) return;
    if (why === undefined) return this.#after(NEXT_LOOK_MS, () => void this.#look());
    const told = `No agent of the Mesos cluster can run its container: ${why}.`;
    return this.#interrupt(new ContainerStartError('platform', told, { told }));
  }

  #overdue(): ContainerStartError {
    const { limitMs } = this.#deps;
    const explained = this.#launch.handle.explain();
    const seconds = Math.round(limitMs / 100) / 10;
    const told =
      explained.kind === 'waiting'
        ? `The Mesos cluster has had no room for its container within ${seconds} s. ${waitingText(explained)}`
        : `Its container did not take connections within ${seconds} s.`;
    return new ContainerStartError('platform', told, { told });
  }
}
