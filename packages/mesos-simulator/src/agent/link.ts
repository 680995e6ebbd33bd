import type {
  WireExecutorInfo,
  WireFrameworkInfo,
  WireOperationStatus,
  WireResource,
  WireTaskInfo,
  WireTaskStatus,
  TaskState,
} from '@vibrissa/mesos/wire';
import type { AgentInfo } from './agent-info.ts';

/** What an agent tells its master. Shapes are this simulator's own; the real ones are not visible to frameworks. */
export type AgentToMaster =
  | { readonly type: 'register'; readonly agent: AgentInfo }
  | {
      readonly type: 'reregister';
      readonly agentId: string;
      readonly agent: AgentInfo;
      /** Resources with their dynamic reservations. */
      readonly resources: readonly WireResource[];
      readonly frameworks: readonly WireFrameworkInfo[];
      readonly tasks: readonly AgentTask[];
    }
  /** It leaves for good (SIGUSR1): its tasks are lost. */
  | { readonly type: 'unregister' }
  | { readonly type: 'pong' }
  /** `latestState`: what the agent knows already, while `status` waits in front. */
  | {
      readonly type: 'status-update';
      readonly frameworkId: string;
      readonly status: WireTaskStatus;
      readonly latestState: TaskState;
    }
  | {
      readonly type: 'executor-exited';
      readonly frameworkId: string;
      readonly executorId: string;
      /** As `wait` gives it: an exit code stands in the second byte. */
      readonly status: number;
    }
  | {
      readonly type: 'executor-message';
      readonly frameworkId: string;
      readonly executorId: string;
      readonly data: string;
    }
  | {
      readonly type: 'operation-status';
      readonly frameworkId: string;
      readonly status: WireOperationStatus;
    };

/** A task as an agent that comes back reports it. */
export interface AgentTask {
  readonly frameworkId: string;
  readonly executorId: string;
  readonly info: WireTaskInfo;
  readonly group?: WireExecutorInfo;
  readonly latestState: TaskState;
  /** One per state that was told; the latest last. */
  readonly statuses: readonly WireTaskStatus[];
}

/** What a master tells an agent. */
export type MasterToAgent =
  | { readonly type: 'registered'; readonly agentId: string }
  /** `unknownTasks`: what the master thinks to be here and the agent has not told; it answers with this state. */
  | {
      readonly type: 'reregistered';
      readonly agentId: string;
      readonly unknownTasks: readonly {
        readonly frameworkId: string;
        readonly taskId: string;
        readonly state: TaskState;
      }[];
    }
  | { readonly type: 'ping' }
  | {
      readonly type: 'run-task';
      readonly framework: WireFrameworkInfo;
      readonly frameworkId: string;
      readonly task: WireTaskInfo;
    }
  | {
      readonly type: 'run-task-group';
      readonly framework: WireFrameworkInfo;
      readonly frameworkId: string;
      readonly executor: WireExecutorInfo;
      readonly tasks: readonly WireTaskInfo[];
    }
  /** `graceMs`: from SIGTERM to SIGKILL; default the task's kill policy, or 3 s (Docker: 5 s). */
  | {
      readonly type: 'kill-task';
      readonly frameworkId: string;
      readonly taskId: string;
      readonly graceMs?: number;
    }
  | {
      readonly type: 'acknowledge';
      readonly frameworkId: string;
      readonly taskId: string;
      readonly uuid: string;
    }
  /** The framework has subscribed anew: what waits for its acknowledgement is to be sent again. */
  | {
      readonly type: 'framework-updated';
      readonly frameworkId: string;
      readonly framework: WireFrameworkInfo;
    }
  | { readonly type: 'shutdown-framework'; readonly frameworkId: string }
  | { readonly type: 'shutdown-executor'; readonly frameworkId: string; readonly executorId: string }
  | {
      readonly type: 'executor-message';
      readonly frameworkId: string;
      readonly executorId: string;
      readonly data: string;
    }
  /** Kill all tasks (REASON_AGENT_DRAINING). */
  | { readonly type: 'drain'; readonly maxGraceMs?: number }
  | {
      readonly type: 'apply-operation';
      readonly frameworkId: string;
      readonly operationId?: string;
      /** The agent's resources after it. */
      readonly resources: readonly WireResource[];
    }
  | { readonly type: 'acknowledge-operation'; readonly operationId: string; readonly uuid: string }
  /** The master doesn't want it: it was marked as gone, or is unknown. */
  | { readonly type: 'shutdown'; readonly message: string };

/** What rules for faults look at. */
export function factsOf(message: AgentToMaster | MasterToAgent): {
  readonly type: string;
  readonly frameworkId?: string;
} {
  const { type } = message;
  return 'frameworkId' in message ? { type, frameworkId: message.frameworkId } : { type };
}
