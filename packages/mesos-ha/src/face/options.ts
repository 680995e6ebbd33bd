import type { Cluster, RandomSource } from '@vibrissa/cluster';
import type { FrameworkOptions, SchedulerOptions, TaskOptions } from '@vibrissa/mesos';

/**
 * Those of a `MesosScheduler`, but for what all instances share: `state`, `mayAct` and `framework.id` are the cluster's
 * business. All instances are given the same ones. Every duration is in milliseconds; unknown keys are refused.
 *
 * `onTask` is called on the instance that leads, at least once for each state of a task: after a change of the leader the
 * new one may be told again what the old one has handled. An end counts when it has resolved.
 */
export interface ClusteredOptions extends Omit<SchedulerOptions, 'state' | 'mayAct' | 'framework' | 'tasks'> {
  readonly cluster: Cluster;
  readonly framework: Omit<FrameworkOptions, 'id'>;
  readonly tasks?: Omit<TaskOptions, 'unknown'>;
  readonly outcomes?: OutcomeOptions;
  /** How long a leader goes without Mesos before it lets another instance try. Default 20,000. */
  readonly giveWayMs?: number;
  /** Default: the machine's. */
  readonly random?: RandomSource;
}

/** How tasks came out is known to all instances for a while. */
export interface OutcomeOptions {
  /** Default 600,000. */
  readonly keepMs?: number;
  /** Default 10,000. */
  readonly keepMost?: number;
}

/** How long a request may wait for a leader and for a majority. */
export interface RequestOptions {
  /** Default 30,000. */
  readonly withinMs?: number;
}
