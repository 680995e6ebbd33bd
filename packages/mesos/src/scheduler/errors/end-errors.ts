import type { TaskState, WireTaskStatus } from '../../wire/index.ts';
import { describeEnd } from '../../tasks/task-end.ts';
import { MesosError } from './mesos-error.ts';
import { capital, clause, sentence, theTask, told } from './wording.ts';

/** The task ended before it ran (or before its first health check succeeded). `status` is what Mesos said last. */
export class TaskEndedError extends MesosError {
  override readonly name = 'TaskEndedError';
  readonly code = 'TASK_ENDED';
  readonly taskId: string;
  readonly status: WireTaskStatus;

  constructor(taskId: string, status: WireTaskStatus) {
    super(`${capital(theTask(taskId))} ${howItEnded(status)}`);
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
      `${capital(theTask(taskId))} was lost (${state}): ${sentence(clause(reason) || 'Mesos says no more')} Submit it again if it is still wanted; should it turn up again, it is killed, or adopted with tasks.returned 'adopt'.`,
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
    super(`${capital(theTask(taskId))} was deleted before it ran.`);
    this.taskId = taskId;
  }
}

function howItEnded(status: WireTaskStatus): string {
  const { kind } = describeEnd(status);
  if (kind === 'unhealthy') {
    return `was killed because its health check failed before it was healthy once${told(status)}. Check that the program answers the check, at its port and path; a slow one needs more healthCheck.gracePeriodMs or maxFailures.`;
  }
  return `ended as ${status.state} before it ran${told(status)}. Its sandbox's stderr and stdout say what the program did.`;
}
