import type { LaunchFailure } from '../../tasks/task-outcome.ts';
import type { AnyMesosError } from './any-mesos-error.ts';
import type { MesosError } from './mesos-error.ts';

/**
 * The failure that an error of `running` or `ended` tells of, as JSON: another process makes the same error of it again
 * by `launchErrorOf`. Undefined for errors that tell of no launch.
 */
export function failureOf(given: MesosError): LaunchFailure | undefined {
  const error = given as AnyMesosError;
  switch (error.code) {
    case 'NO_CAPACITY':
      return { kind: 'no-capacity', shortage: error.shortage, waitedMs: error.waitedMs ?? 0 };
    case 'IMPOSSIBLE':
      return { kind: 'impossible', shortage: error.shortage };
    case 'LAUNCH_TIMEOUT':
      return { kind: 'launch-timeout', waitedMs: error.waitedMs, attempts: error.attempts };
    case 'IMAGE_PULL_FAILED':
      return { kind: 'image-pull-failed', status: error.status };
    case 'CONTAINER_RUN_FAILED':
      return { kind: 'container-run-failed', status: error.status };
    case 'INVALID_TASK':
      return { kind: 'invalid-task', reason: error.reason };
    case 'DUPLICATE_TASK':
      return { kind: 'duplicate-task' };
    case 'TASK_LOST':
      return { kind: 'lost', state: error.state, reason: error.reason };
    case 'TASK_ENDED':
      return { kind: 'ended-early', status: error.status };
    case 'TASK_DELETED':
      return { kind: 'deleted' };
    case 'NOT_LEADER':
      return { kind: 'not-leader' };
    case 'FRAMEWORK_REMOVED':
      return { kind: 'framework-removed' };
    case 'NOT_STORED':
      return { kind: 'not-stored', cause: { message: messageOf(error.cause) } };
    case 'CLOSED':
      return { kind: error.how };
    default:
      return undefined;
  }
}

/** Of an error, or of what JSON has made of one. */
function messageOf(cause: unknown): string {
  const { message } = (cause ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : String(cause);
}
