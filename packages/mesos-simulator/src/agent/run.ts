import type {
  TaskState,
  WireExecutorInfo,
  WireNetworkInfo,
  WireTaskInfo,
  WireTaskStatus,
} from '@vibrissa/mesos/wire';

/** One task on an agent, with its container. */
export interface Run {
  readonly containerId: string;
  readonly frameworkId: string;
  readonly task: WireTaskInfo;
  readonly executorId: string;
  /** Of a group: shared by its tasks. */
  readonly group: GroupExecutor | undefined;
  readonly kind: 'command' | 'docker' | 'group';
  readonly checkpoint: boolean;
  /** `launching`: no executor yet; `starting`: an executor, no process yet. */
  phase: 'launching' | 'starting' | 'running' | 'ended';
  /** What was told last, acknowledged or not. */
  state: TaskState;
  statuses: readonly WireTaskStatus[];
  executorPid: number | undefined;
  networkInfos: readonly WireNetworkInfo[] | undefined;
  killing: Killing | undefined;
  /** `max_completion_time` has passed: its end is a failure. */
  overtime: boolean;
  /** Its framework is gone: nobody is told anything any more. */
  silent: boolean;
  health: HealthState | undefined;
  check: CheckState | undefined;
}

/** The default executor of a group. */
export interface GroupExecutor {
  readonly info: WireExecutorInfo;
  readonly frameworkId: string;
  readonly containerId: string;
  readonly runs: Set<Run>;
}

export interface Killing {
  /** When SIGTERM has had its time (monotonic ms). */
  untilMs: number;
  readonly reason: string | undefined;
  readonly byHealthCheck: boolean;
}

export interface HealthState {
  probe: number;
  failures: number;
  /** Nothing was told of its health yet; failures don't count during the grace period. */
  initializing: boolean;
  sinceMs: number;
}

export interface CheckState {
  probe: number;
  /** As in a status: `{ type, command: { exit_code } }`. */
  status: Readonly<Record<string, unknown>>;
}

/** A general check, of which the wire types know nothing more. */
export interface WireCheck {
  readonly type: 'COMMAND' | 'HTTP' | 'TCP';
  readonly command?: { readonly command?: NonNullable<WireTaskInfo['command']> };
  readonly http?: { readonly port: number; readonly path?: string };
  readonly tcp?: { readonly port: number };
  readonly delay_seconds?: number;
  readonly interval_seconds?: number;
  readonly timeout_seconds?: number;
}

/**
 * The updates of one task that were not acknowledged. Only the front one is sent, again and again; those behind it wait
 * for its acknowledgement.
 */
export interface UpdateStream {
  readonly frameworkId: string;
  readonly taskId: string;
  queue: readonly WireTaskStatus[];
  retryMs: number;
}
