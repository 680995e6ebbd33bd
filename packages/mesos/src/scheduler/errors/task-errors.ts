import { MesosError } from './mesos-error.ts';

/** The task, as it was given, can never run: it breaks a rule of this client or of Mesos. `reason` says which. */
export class InvalidTaskError extends MesosError {
  override readonly name = 'InvalidTaskError';
  readonly code = 'INVALID_TASK';
  readonly taskId: string;
  readonly reason: string;

  constructor(taskId: string, reason: string) {
    super(
      `Task ${taskId} is invalid: ${sentence(reason)} Mend it and submit it again; unchanged it can't run.`,
    );
    this.taskId = taskId;
    this.reason = reason;
  }
}

/** A task of this id waits or runs already. That one is not touched. */
export class DuplicateTaskError extends MesosError {
  override readonly name = 'DuplicateTaskError';
  readonly code = 'DUPLICATE_TASK';
  readonly taskId: string;

  constructor(taskId: string) {
    super(
      `There is a task ${taskId} already, and a task's id is never used twice. Leave the id out to have one made, or take scheduler.task('${taskId}') for the one that exists.`,
    );
    this.taskId = taskId;
  }
}

/** No task of this id is known: it never was, or its end was told long ago. */
export class UnknownTaskError extends MesosError {
  override readonly name = 'UnknownTaskError';
  readonly code = 'UNKNOWN_TASK';
  readonly taskId: string;

  constructor(taskId: string) {
    super(`There is no task ${taskId}. scheduler.tasks() lists those that wait and run.`);
    this.taskId = taskId;
  }
}

function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}
