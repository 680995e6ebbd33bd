import { MesosError } from './mesos-error.ts';
import { clause } from './wording.ts';

/** Another instance leads the framework, or has taken its subscription. It has the tasks now. */
export class NotLeaderError extends MesosError {
  override readonly name = 'NotLeaderError';
  readonly code = 'NOT_LEADER';

  constructor(reason = 'another instance leads') {
    super(
      `This instance does not lead the framework: ${clause(reason)}. Ask the leading one; or, if there should be only one, stop the other process that uses this framework id, and subscribe again.`,
    );
  }
}

/** There is no subscription at the moment, and the request can't wait for one. */
export class NotSubscribedError extends MesosError {
  override readonly name = 'NotSubscribedError';
  readonly code = 'NOT_SUBSCRIBED';

  constructor() {
    super(
      'There is no subscription. Await subscribe(), or the notice "subscribed" after a loss, and try again.',
    );
  }
}

/** The scheduler was closed, or the framework torn down, before this came to its end. */
export class SchedulerClosedError extends MesosError {
  override readonly name = 'SchedulerClosedError';
  readonly code = 'CLOSED';

  readonly how: 'closed' | 'torn-down';

  constructor(how: 'closed' | 'torn-down' = 'closed') {
    super(
      how === 'closed'
        ? 'The scheduler is closed. Open another one to go on.'
        : 'The framework was torn down, and its tasks were killed with it. subscribe() begins another one.',
    );
    this.how = how;
  }
}
