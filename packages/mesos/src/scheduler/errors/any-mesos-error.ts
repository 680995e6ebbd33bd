import type { SandboxError } from '../../agent/sandbox-error.ts';
import type { FrameworkStateError } from '../../state/state-error.ts';
import type { InvalidMasters, NoMasters } from '../../transport/detectors/detector-error.ts';
import type { CapacityError, LaunchTimeoutError } from './capacity-errors.ts';
import type { ContainerRunError, ImagePullError } from './container-errors.ts';
import type { TaskDeletedError, TaskEndedError, TaskLostError } from './end-errors.ts';
import type { NoMasterError, NotAMesosMasterError } from './master-errors.ts';
import type { InvalidOptionsError } from './options-error.ts';
import type { CallRefusedError, NotStoredError, SupersededError } from './request-errors.ts';
import type { NoSandboxError } from './sandbox-errors.ts';
import type { NotLeaderError, NotSubscribedError, SchedulerClosedError } from './standing-errors.ts';
import type {
  FrameworkRemovedError,
  SubscriptionRefusedError,
  WrongCredentialsError,
} from './subscription-errors.ts';
import type { DuplicateTaskError, InvalidTaskError, UnknownTaskError } from './task-errors.ts';

/**
 * Every error of this client, told apart by `code`: a `switch` over it narrows to the class and its fields.
 *
 *     const { code } = error as AnyMesosError;
 */
export type AnyMesosError =
  | CallRefusedError
  | CapacityError
  | ContainerRunError
  | DuplicateTaskError
  | FrameworkRemovedError
  | FrameworkStateError
  | ImagePullError
  | InvalidMasters
  | InvalidOptionsError
  | InvalidTaskError
  | LaunchTimeoutError
  | NoMasterError
  | NoMasters
  | NoSandboxError
  | NotAMesosMasterError
  | NotLeaderError
  | NotStoredError
  | NotSubscribedError
  | SandboxError
  | SchedulerClosedError
  | SubscriptionRefusedError
  | SupersededError
  | TaskDeletedError
  | TaskEndedError
  | TaskLostError
  | UnknownTaskError
  | WrongCredentialsError;
