import type { TaskState } from '@vibrissa/mesos/wire';

// As a record, so that the compiler asks for a state that is new.
const terminal: Readonly<Record<TaskState, boolean>> = {
  TASK_STAGING: false,
  TASK_STARTING: false,
  TASK_RUNNING: false,
  TASK_KILLING: false,
  TASK_UNREACHABLE: false,
  TASK_UNKNOWN: false,
  TASK_FINISHED: true,
  TASK_FAILED: true,
  TASK_KILLED: true,
  TASK_ERROR: true,
  TASK_LOST: true,
  TASK_DROPPED: true,
  TASK_GONE: true,
  TASK_GONE_BY_OPERATOR: true,
};

/** Mesos's word for an end that stays: LOST included, UNREACHABLE and UNKNOWN not. */
export function isTerminal(state: TaskState): boolean {
  return terminal[state];
}
