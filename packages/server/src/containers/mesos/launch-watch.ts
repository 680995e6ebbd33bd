import type { TaskHandle, TaskSpec } from '@vibrissa/mesos';

import type { Clock, Timer } from '../../base/clock.ts';
import { ContainerStartError, type StartHooks } from '../container-factory.ts';
import { whyNoneFits } from './fitting-agents.ts';
import type { MesosConnection } from './mesos-connection.ts';
import { waitingText } from './shortage-words.ts';

/** From the submission to the first look whether it waits for room, and from look to look. */
const LOOK_MS = 2000;
/** At the first look of so many, the master is asked for its agents. */
const LOOKS_PER_QUESTION = 5;

export interface LaunchWatchDeps {
  readonly connection: MesosConnection;
  readonly clock: Clock;
}

/** How long the launches of a container may take, all together. */
export interface LaunchLimit {
  readonly limitMs: number;
  /** Monotonic. */
  readonly untilMs: number;
}

export interface WatchedLaunch extends StartHooks {
  readonly handle: TaskHandle;
  readonly spec: TaskSpec;
  readonly limit: LaunchLimit;
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
  readonly #limit: Timer;
  #nextLook: Timer;
  #looks = 0;
  /** Why no agent that is there now could ever take it. */
  #doubt: string | undefined;
  #interrupt: (error: unknown) => void = () => {};

  constructor(deps: LaunchWatchDeps, launch: WatchedLaunch) {
    const { clock, connection } = deps;
    this.#deps = deps;
    this.#launch = launch;
    this.interrupted = new Promise((_resolve, reject) => (this.#interrupt = reject));
    this.interrupted.catch(() => this.end());
    const { handle, limit, signal } = launch;
    const options = { signal: this.#over.signal };
    signal?.addEventListener('abort', () => this.#interrupt(signal.reason), options);
    if (signal?.aborted) this.#interrupt(signal.reason);
    const leftMs = limit.untilMs - clock.monotonicMs();
    this.#limit = clock.after(Math.max(0, leftMs), () => this.#interrupt(this.#overdue()));
    this.#nextLook = clock.after(LOOK_MS, () => void this.#look());
    connection.listen(handle.id, ({ status }) => {
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
    this.#limit.cancel();
    this.#nextLook.cancel();
  }

  get #isWaiting(): boolean {
    return this.#launch.handle.explain().kind === 'waiting';
  }

  async #look(): Promise<void> {
    const asks = this.#isWaiting && this.#looks % LOOKS_PER_QUESTION === 0;
    this.#looks += 1;
    const why = asks ? await this.#whyNever() : undefined;
    if (this.#over.signal.aborted) return;
    if (why !== undefined) {
      const told = `No agent of the Mesos cluster can run its container: ${why}.`;
      return this.#interrupt(new ContainerStartError('platform', told, { told }));
    }
    if (this.#isWaiting && this.#deps.connection.scheduler.isSubscribed) this.#launch.onNoRoom?.();
    this.#nextLook = this.#deps.clock.after(LOOK_MS, () => void this.#look());
  }

  /** No agent will ever fit it: nobody has to wait for the time limit to be told so. */
  async #whyNever(): Promise<string | undefined> {
    const { connection } = this.#deps;
    const { constraints = [], cpus, memoryMb, role = '*' } = this.#launch.spec;
    const demand = { cpus, memoryMb, constraints, role };
    const present = await connection.agents().catch(() => []);
    this.#doubt = whyNoneFits(present, demand);
    const all = this.#doubt === undefined ? undefined : connection.withReturning(present);
    return all && whyNoneFits(all, demand);
  }

  #overdue(): ContainerStartError {
    const { handle, limit } = this.#launch;
    const explained = handle.explain();
    const seconds = Math.round(limit.limitMs / 100) / 10;
    const why =
      this.#doubt === undefined
        ? waitingText(explained)
        : `No agent that is there now can run it: ${this.#doubt}.`;
    const told =
      explained.kind === 'waiting'
        ? `The Mesos cluster has had no room for its container within ${seconds} s. ${why}`
        : `Its container did not take connections within ${seconds} s.`;
    return new ContainerStartError('platform', told, { told });
  }
}
