import { MesosError } from './mesos-error.ts';

/** An option, of the scheduler or of one of its methods, is unknown, missing or wrong. */
export class InvalidOptionsError extends MesosError {
  override readonly name = 'InvalidOptionsError';
  readonly code = 'INVALID_OPTIONS';

  /** `problem`: a sentence that names the option and how to mend it. */
  constructor(problem: string, what = "The scheduler can't be opened") {
    super(`${what}: ${problem}`);
  }
}
