import type { WireFrameworkInfo, WireOperationStatus, WireResource } from '@vibrissa/mesos/wire';
import { Deadlines } from '../base/deadlines.ts';
import type { RandomSource } from '../base/random.ts';
import type { StepTime } from '../base/step-time.ts';
import type { AgentToMaster } from './link.ts';
import type { AgentInfo } from './agent-info.ts';
import type { AgentEffect } from './messages.ts';
import type { GroupExecutor, Run, UpdateStream } from './run.ts';

export interface AgentOptions {
  readonly info: AgentInfo;
  /** What it wrote down in a former life; its work directory. */
  readonly checkpoint?: AgentCheckpoint;
  /** After a restart, how long executors have to report before it registers; default 2,000. */
  readonly executorReregistrationMs?: number;
  /** Without a ping for so long it takes the master for lost; default 75,000. */
  readonly pingTimeoutMs?: number;
  /**
   * A master without an election is not noticed to be back before the ping timeout, as the real agent with a fixed
   * `--master` does. Default false: at once.
   */
  readonly waitsForPingTimeout?: boolean;
}

/** What outlives the process of an agent: what it ran for frameworks that checkpoint, and what waits for acknowledgement. */
export interface AgentCheckpoint {
  readonly agentId: string | undefined;
  readonly resources: readonly WireResource[];
  readonly frameworks: readonly WireFrameworkInfo[];
  readonly runs: readonly Run[];
  readonly streams: readonly UpdateStream[];
}

export type AgentDeadline =
  | { readonly kind: 'register' }
  | { readonly kind: 'ping-timeout' }
  | { readonly kind: 'retry'; readonly stream: UpdateStream }
  | { readonly kind: 'retry-operation'; readonly operationId: string }
  | { readonly kind: 'kill'; readonly run: Run }
  | { readonly kind: 'overtime'; readonly run: Run }
  | { readonly kind: 'probe'; readonly run: Run; readonly purpose: 'health' | 'check' }
  | { readonly kind: 'executor-exit'; readonly executor: GroupExecutor };

/** Everything that an agent knows and does within a step; the functions beside work on it. */
export class AgentState {
  readonly options: Required<Omit<AgentOptions, 'checkpoint'>>;
  readonly random: RandomSource;
  readonly deadlines = new Deadlines<AgentDeadline>();
  readonly frameworks = new Map<string, WireFrameworkInfo>();
  readonly runs = new Map<string, Run>();
  /** By framework and task id. */
  readonly runsByTask = new Map<string, Run>();
  /** By framework and executor id. */
  readonly executors = new Map<string, GroupExecutor>();
  /** By framework and task id. */
  readonly streams = new Map<string, UpdateStream>();
  readonly operations = new Map<
    string,
    { readonly frameworkId: string; readonly status: WireOperationStatus; retryMs: number }
  >();
  resources: readonly WireResource[];
  agentId: string | undefined;
  /** A link stands. */
  connected = false;
  /** The master on the other end has taken it. */
  registered = false;
  /** Its process has ended. */
  exited = false;
  /** After a restart: not before then. */
  readyMs = 0;
  registerRetryMs = 0;
  lastPingMs: number | undefined;
  time: StepTime = { nowMs: 0, epochMs: 0 };
  #effects: AgentEffect[] = [];

  constructor({ checkpoint: _checkpoint, ...options }: AgentOptions, random: RandomSource) {
    this.options = {
      executorReregistrationMs: 2000,
      pingTimeoutMs: 75_000,
      waitsForPingTimeout: false,
      ...options,
    };
    this.random = random;
    this.resources = options.info.resources;
  }

  emit(effect: AgentEffect): void {
    this.#effects.push(effect);
  }

  takeEffects(): AgentEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Lost when there is no link. */
  toMaster(message: AgentToMaster): void {
    if (this.connected) this.emit({ type: 'to-master', message });
  }
}

export function taskKey(frameworkId: string, taskId: string): string {
  return `${frameworkId}\n${taskId}`;
}
