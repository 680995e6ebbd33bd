import type { FrameworkProblem } from './framework-problem.ts';

/** How the framework's id was come by. */
export interface FrameworkClaim {
  /**
   * `found`: in Mesos, where a cluster that has lost everything had left it. `invented`: there was none. `renewed`: Mesos
   * had removed the one before.
   */
  readonly origin: 'found' | 'invented' | 'renewed';
  /** Of the leader that has claimed it. */
  readonly epoch: number;
  readonly by: string;
  readonly at: number;
}

/** Mesos has removed the framework of this id. */
export interface FrameworkRemoval {
  readonly frameworkId: string;
  readonly reason: string;
  readonly at: number;
}

/** What the leader last said of its subscription, for all instances. */
export interface FrameworkStanding {
  readonly epoch: number;
  readonly member: string;
  readonly subscribed: boolean;
  readonly masterId?: string;
  readonly masterVersion?: string;
  /** Epoch milliseconds of the newest SUBSCRIBED. */
  readonly subscribedAt?: number;
  /** From the lease to the first SUBSCRIBED of this epoch. */
  readonly subscribedAfterMs?: number;
  readonly problems: readonly FrameworkProblem[];
}
