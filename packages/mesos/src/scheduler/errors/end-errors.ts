import type { TaskState, WireTaskStatus } from '../../wire/index.ts';
import { MesosError } from './mesos-error.ts';

/** The task ended before it ran (or before its first health check succeeded). `status` is what Mesos said last. */
export class TaskEndedError extends MesosError {
  override readonly name = 'TaskEndedError';
  readonly code = 'TASK_ENDED';
  readonly taskId: string;
  readonly status: WireTaskStatus;

  constructor(taskId: string, status: WireTaskStatus) {
    const why = status.message || status.reason;
    super(
      `Task ${taskId} ended as ${status.state} before it ran${why ? `: ${why}` : ''}. Its sandbox's stderr and stdout say what the program did.`,
    );
    this.taskId = taskId;
    this.status = status;
  }
}

/** The task did not end by itself: its agent was lost, or the launch was dropped again and again. */
export class TaskLostError extends MesosError {
  override readonly name = 'TaskLostError';
  readonly code = 'TASK_LOST';
  readonly taskId: string;
  readonly state: TaskState;
  readonly reason: string;

  constructor(taskId: string, state: TaskState, reason: string) {
    super(
      `Task ${taskId} was lost (${state}): ${reason}. Submit it again under another id if it is still wanted.`,
    );
    this.taskId = taskId;
    this.state = state;
    this.reason = reason;
  }
}

/** Somebody deleted the task while it was waited for. */
export class TaskDeletedError extends MesosError {
  override readonly name = 'TaskDeletedError';
  readonly code = 'TASK_DELETED';
  readonly taskId: string;

  constructor(taskId: string) {
    super(`Task ${taskId} was deleted before it ran.`);
    this.taskId = taskId;
  }
}
