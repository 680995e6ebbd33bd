import { MesosError } from './mesos-error.ts';
import { clause } from './wording.ts';

/** The master wants other credentials, or any. */
export class WrongCredentialsError extends MesosError {
  override readonly name = 'WrongCredentialsError';
  readonly code = 'WRONG_CREDENTIALS';
  readonly reason: string;

  constructor(reason: string) {
    super(
      `The master refuses the credentials (${clause(reason)}). Set the option auth to what it takes: { principal, secret } as its --credentials file names them, or, where it takes tokens, { token } whose function resolves with a valid Authorization header.`,
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
      `The master refuses this framework: ${clause(reason)}. Change the option framework accordingly, or the master's settings (roles, ACLs), and subscribe again.`,
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

  /** Tasks that are recorded under the dead id; undefined: not known. */
  readonly recordedTasks: number | undefined;

  constructor(reason = 'Framework has been removed', recordedTasks?: number) {
    const recorded = recordedTasks ? ` ${recordedTasks} tasks are recorded as its own.` : '';
    super(
      `The master has removed this framework (${clause(reason)}): its tasks were killed, its id is dead.${recorded} Open the scheduler with framework.onRemoved 'new-id', which tells onTask their ends and goes on under a new id, or with an empty state; raise framework.failoverTimeoutMs to survive longer outages.`,
    );
    this.recordedTasks = recordedTasks;
  }
}
