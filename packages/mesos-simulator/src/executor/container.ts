import type { AgentInput, ProbeResult, ProbeSpec } from '../agent/messages.ts';

/** What a container tells: bare facts, of which the agent makes task states. */
export type ContainerFact = Extract<
  AgentInput,
  {
    readonly type:
      | 'executor-started'
      | 'container-launched'
      | 'container-failed'
      | 'container-exited'
      | 'container-limited';
  }
>;

/**
 * A task's process, of whatever kind. It tells `container-launched` once when it runs, and afterwards
 * `container-exited` once.
 */
export interface Container {
  /** To the whole process group. Does nothing when it has ended. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Runs a check in the container; never rejects. */
  probe(check: ProbeSpec, timeoutMs: number): Promise<ProbeResult>;
}

/** Why a container can't be started: the agent's message says it to the framework. */
export class LaunchRefused extends Error {
  override readonly name = 'LaunchRefused';
  /** The agent gave up before there was an executor: the task is dropped, not failed. */
  readonly dropped: boolean;

  constructor(message: string, options: { readonly dropped?: boolean; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.dropped = options.dropped ?? false;
  }
}
