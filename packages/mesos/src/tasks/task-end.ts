import type { TaskState, WireResource, WireTaskStatus } from '../wire/index.ts';

/** Why a task is no more. */
export type TaskEnd =
  | { readonly kind: 'finished' }
  /** It ended by itself, badly: with an exit status, or by a signal of its own. */
  | { readonly kind: 'failed'; readonly exitStatus?: number; readonly message: string }
  /** Somebody has asked for it. */
  | { readonly kind: 'killed' }
  /** The executor has killed it, because its health check failed too often: a failure, though Mesos says KILLED. */
  | { readonly kind: 'unhealthy' }
  /** Its agent is being emptied: replace it, it has done nothing wrong. */
  | { readonly kind: 'drained' }
  /** A resource for more important work was taken from it. */
  | { readonly kind: 'preempted' }
  /** It used more than it had asked for. */
  | {
      readonly kind: 'limit-exceeded';
      readonly resource: string;
      readonly limitation?: readonly WireResource[];
      readonly message: string;
    }
  /** It reached its `maxRunMs`. */
  | { readonly kind: 'ran-too-long' }
  /** The container could not be made: image, fetched files, isolation. */
  | { readonly kind: 'not-started'; readonly message: string }
  /** The master won't have it as it is: don't repeat it unchanged. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** It ended while nobody watched (its agent was down): Mesos says FAILED, also of those that did well. */
  | { readonly kind: 'unwitnessed'; readonly message: string }
  /** Told dead by something other than its own end; it may turn up again. */
  | { readonly kind: 'lost'; readonly state: TaskState; readonly message: string };

const limitReason = 'REASON_CONTAINER_LIMITATION';

function exceededLimit(status: WireTaskStatus): TaskEnd {
  const resource = (status.reason ?? '').slice(limitReason.length + 1).toLowerCase();
  return {
    kind: 'limit-exceeded',
    resource: resource === '' ? 'container' : resource,
    ...(status.limitation?.resources && { limitation: status.limitation.resources }),
    message: status.message ?? '',
  };
}

function failed(status: WireTaskStatus): TaskEnd {
  const { reason = '', message = '' } = status;
  if (reason.startsWith(limitReason)) return exceededLimit(status);
  if (reason === 'REASON_MAX_COMPLETION_TIME_REACHED') return { kind: 'ran-too-long' };
  if (reason === 'REASON_CONTAINER_LAUNCH_FAILED') return { kind: 'not-started', message };
  if (reason === 'REASON_CONTAINER_PREEMPTED') return { kind: 'preempted' };
  // An agent that restarts can't know how the containers ended that it doesn't find again.
  if (reason === 'REASON_EXECUTOR_TERMINATED' && /unknown container/i.test(message)) {
    return { kind: 'unwitnessed', message };
  }
  const exit = /exited with status (\d+)/.exec(message)?.[1];
  return { kind: 'failed', ...(exit !== undefined && { exitStatus: Number(exit) }), message };
}

function killed({ reason, healthy }: WireTaskStatus): TaskEnd {
  if (reason === 'REASON_AGENT_DRAINING') return { kind: 'drained' };
  if (reason === 'REASON_CONTAINER_PREEMPTED') return { kind: 'preempted' };
  if (reason === 'REASON_MAX_COMPLETION_TIME_REACHED') return { kind: 'ran-too-long' };
  // Only the kill by a failed health check carries it: other kills of unhealthy tasks don't.
  return healthy === false ? { kind: 'unhealthy' } : { kind: 'killed' };
}

/** What a status says about a task's end; meant for the status of a task that has ended. */
export function describeEnd(status: WireTaskStatus): TaskEnd {
  switch (status.state) {
    case 'TASK_FINISHED':
      return { kind: 'finished' };
    case 'TASK_FAILED':
      return failed(status);
    case 'TASK_KILLED':
      return killed(status);
    case 'TASK_ERROR':
      return { kind: 'invalid', message: status.message ?? status.reason ?? '' };
    default:
      return { kind: 'lost', state: status.state, message: status.message ?? status.reason ?? '' };
  }
}
