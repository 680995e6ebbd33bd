import type { LaunchFailure } from '../../tasks/task-outcome.ts';
import type { Notice, RequestFailure } from '../core-messages.ts';
import { CapacityError, LaunchTimeoutError } from './capacity-errors.ts';
import { ContainerRunError, ImagePullError } from './container-errors.ts';
import { TaskDeletedError, TaskEndedError, TaskLostError } from './end-errors.ts';
import { NotAMesosMasterError } from './master-errors.ts';
import type { MesosError } from './mesos-error.ts';
import { CallRefusedError, NotStoredError, SupersededError } from './request-errors.ts';
import { NotLeaderError, NotSubscribedError, SchedulerClosedError } from './standing-errors.ts';
import {
  FrameworkRemovedError,
  SubscriptionRefusedError,
  WrongCredentialsError,
} from './subscription-errors.ts';
import { DuplicateTaskError, InvalidTaskError, UnknownTaskError } from './task-errors.ts';

export function launchErrorOf(taskId: string, failure: LaunchFailure): MesosError {
  switch (failure.kind) {
    case 'no-capacity':
      return new CapacityError(taskId, failure.shortage, Math.round(failure.waitedMs));
    case 'impossible':
      return new CapacityError(taskId, failure.shortage);
    case 'launch-timeout':
      return new LaunchTimeoutError(taskId, Math.round(failure.waitedMs), failure.attempts);
    case 'image-pull-failed':
      return new ImagePullError(taskId, failure.status);
    case 'container-run-failed':
      return new ContainerRunError(taskId, failure.status);
    case 'invalid-task':
      return new InvalidTaskError(taskId, failure.reason);
    case 'duplicate-task':
      return new DuplicateTaskError(taskId);
    case 'lost':
      return new TaskLostError(taskId, failure.state, failure.reason);
    case 'ended-early':
      return new TaskEndedError(taskId, failure.status);
    case 'deleted':
      return new TaskDeletedError(taskId);
    case 'not-leader':
      return new NotLeaderError();
    case 'framework-removed':
      return new FrameworkRemovedError();
    case 'not-stored':
      return new NotStoredError(taskId, failure.cause);
    case 'torn-down':
      return new SchedulerClosedError('torn-down');
    case 'closed':
      return new SchedulerClosedError();
  }
}

/** `about`: the id of the task that was asked for, if any. */
export function requestErrorOf(failure: RequestFailure, about: string): MesosError {
  switch (failure.kind) {
    case 'unknown-task':
      return new UnknownTaskError(about);
    case 'not-leader':
      return new NotLeaderError();
    case 'not-subscribed':
      return new NotSubscribedError();
    case 'framework-removed':
      return new FrameworkRemovedError();
    case 'refused':
      return new CallRefusedError(failure.status, failure.text);
    case 'superseded':
      return new SupersededError();
    case 'torn-down':
      return new SchedulerClosedError('torn-down');
    case 'closed':
      return new SchedulerClosedError();
  }
}

/** Why nobody can be subscribed any more. */
export function subscriptionErrorOf(
  notice: Notice & { kind: 'refused' | 'removed' | 'stepped-down' },
): MesosError {
  if (notice.kind === 'removed') return new FrameworkRemovedError(notice.reason, notice.recordedTasks);
  if (notice.kind === 'stepped-down') return new NotLeaderError(notice.reason);
  if (notice.status === 401) return new WrongCredentialsError(notice.reason);
  if (notice.status === 0) return new NotAMesosMasterError(notice.reason);
  return new SubscriptionRefusedError(notice.status, notice.reason);
}
