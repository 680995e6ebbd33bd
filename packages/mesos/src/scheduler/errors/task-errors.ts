import { MesosError } from './mesos-error.ts';
import { capital, sentence, theTask } from './wording.ts';

/** The task, as it was given, can never run: it breaks a rule of this client or of Mesos. `reason` says which. */
export class InvalidTaskError extends MesosError {
  override readonly name = 'InvalidTaskError';
  readonly code = 'INVALID_TASK';
  readonly taskId: string;
  readonly reason: string;

  constructor(taskId: string, reason: string) {
    super(
      `${capital(theTask(taskId))} is invalid: ${sentence(reason)} Mend it and submit it again; unchanged it can't run.`,
    );
    this.taskId = taskId;
    this.reason = reason;
  }
}

/** A task or a group of this id waits or runs already, perhaps since an earlier process. That one is not touched. */
export class DuplicateTaskError extends MesosError {
  override readonly name = 'DuplicateTaskError';
  readonly code = 'DUPLICATE_TASK';
  readonly taskId: string;

  constructor(taskId: string) {
    super(
      `There is ${theTask(taskId, 'task or group')} already, and an id is free again only when what has it has ended. Leave the id out to have one made, or take scheduler.task(id) or scheduler.group(id) for what exists.`,
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
    super(
      `Nobody knows ${theTask(taskId)}: it never was, or ended long ago. scheduler.tasks() lists those that wait and run.`,
    );
    this.taskId = taskId;
  }
}
