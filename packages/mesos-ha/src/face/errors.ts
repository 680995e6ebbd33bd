import { MesosError } from '@vibrissa/mesos';

/**
 * How a task came out was not kept: this instance was away from the others for longer than outcomes are
 * (`outcomes.keepMs`, `outcomes.keepMost`). The task is wanted no more, and does not run.
 */
export class OutcomeLostError extends MesosError {
  override readonly name = 'OutcomeLostError';
  readonly code = 'OUTCOME_LOST';
  readonly taskId: string;

  constructor(taskId: string) {
    super(
      `How the task ${taskId} came out is not known here: it is over, and its outcome was not kept so long. What onTask was told on the leading instances says more; raise outcomes.keepMs or outcomes.keepMost to have it kept longer.`,
    );
    this.taskId = taskId;
  }
}
