/** Something of the framework that an operator should mend. */
export interface FrameworkProblem {
  readonly code: FrameworkProblemCode;
  readonly message: string;
  readonly mend: string;
}

export type FrameworkProblemCode =
  /** No master answers, or the subscription is lost; attempts go on. */
  | 'NO_MASTER'
  /** The master refuses the framework, or its credentials. */
  | 'SUBSCRIPTION_REFUSED'
  /** Mesos has removed the framework: its id is dead. */
  | 'FRAMEWORK_REMOVED'
  /** Tasks under the framework's id that this cluster has not launched. */
  | 'FOREIGN_TASKS'
  /** What all instances share could not be read or written. */
  | 'NOT_SHARED'
  /** The options refuse to make a scheduler. */
  | 'CANNOT_LEAD';
