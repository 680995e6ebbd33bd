import { MesosError } from './mesos-error.ts';
import { theTask } from './wording.ts';

/** Nobody has told which agent a task is on, so its sandbox can't be read: it was adopted, not launched from here. */
export class NoSandboxError extends MesosError {
  override readonly name = 'NoSandboxError';
  readonly code = 'NO_SANDBOX';
  readonly taskId: string;

  constructor(taskId: string) {
    super(
      `The sandbox of ${theTask(taskId)} is not known, because no offer has told its agent's address to this framework. Read it through the agent's own page.`,
    );
    this.taskId = taskId;
  }
}
