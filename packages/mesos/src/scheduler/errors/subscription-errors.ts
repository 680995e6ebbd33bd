import { MesosError } from './mesos-error.ts';

/** The master wants other credentials, or any. */
export class WrongCredentialsError extends MesosError {
  override readonly name = 'WrongCredentialsError';
  readonly code = 'WRONG_CREDENTIALS';
  readonly reason: string;

  constructor(reason: string) {
    super(
      `The master refuses the credentials (${reason}). Set the option auth to a principal and secret that its --credentials file names.`,
    );
    this.reason = reason;
  }
}

/** The master will never accept this framework as it is described: a role, the principal, the failover timeout, … */
export class SubscriptionRefusedError extends MesosError {
  override readonly name = 'SubscriptionRefusedError';
  readonly code = 'SUBSCRIPTION_REFUSED';
  /** HTTP status; 200 when the refusal came as an ERROR event. */
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string) {
    super(
      `The master refuses this framework: ${reason}. Change the option framework accordingly, or the master's settings (roles, ACLs), and subscribe again.`,
    );
    this.status = status;
    this.reason = reason;
  }
}

/**
 * The master has removed the framework: it was torn down, or stayed away longer than its failover timeout. Its tasks
 * are dead and its id can't be used again (until the master is restarted).
 */
export class FrameworkRemovedError extends MesosError {
  override readonly name = 'FrameworkRemovedError';
  readonly code = 'FRAMEWORK_REMOVED';

  constructor(reason = 'Framework has been removed') {
    super(
      `The master has removed this framework (${reason}): its tasks were killed, its id is dead. Open the scheduler with an empty state, or with framework.onRemoved 'new-id-if-no-tasks', to begin under a new id; raise framework.failoverTimeoutMs to survive longer outages.`,
    );
  }
}
