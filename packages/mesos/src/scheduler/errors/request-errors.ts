import { MesosError } from './mesos-error.ts';
import { capital, sentence, theTask } from './wording.ts';

/** The master has refused a call. */
export class CallRefusedError extends MesosError {
  override readonly name = 'CallRefusedError';
  readonly code = 'CALL_REFUSED';
  /** HTTP status; 0: the connection broke, and nobody knows whether the call was heard. */
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    super(
      status === 0
        ? 'The connection broke before the call was answered; whether the master has heard it is unknown.'
        : `The master has refused the call with HTTP status ${status}${text.trim() === '' ? '.' : `: ${sentence(text)}`}`,
    );
    this.status = status;
    this.text = text;
  }
}

/** A newer request of the same kind has taken this one's place. */
export class SupersededError extends MesosError {
  override readonly name = 'SupersededError';
  readonly code = 'SUPERSEDED';

  constructor() {
    super('A newer request has taken the place of this one; wait for that one.');
  }
}

/** The task's record could not be stored, so it was not launched: a successor would not have known it. */
export class NotStoredError extends MesosError {
  override readonly name = 'NotStoredError';
  readonly code = 'NOT_STORED';
  readonly taskId: string;

  constructor(taskId: string, cause: unknown) {
    super(
      `${capital(theTask(taskId))} was not launched, because its record could not be stored: ${sentence((cause as Error)?.message ?? String(cause))} Mend the state's storage and submit it again.`,
      { cause },
    );
    this.taskId = taskId;
  }
}
