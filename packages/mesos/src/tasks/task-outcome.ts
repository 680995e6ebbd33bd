import type { TaskState, WireTaskStatus } from '../wire/index.ts';

/** What a task lacked at the offers that were seen. Amounts in units, MB and numbers of ports. */
export interface Shortage {
  /** Offers looked at since the task was submitted. */
  readonly offersSeen: number;
  /** How many of them failed for each reason, `cpus`, `mem`, `disk`, `gpus`, `ports`, `role`, `constraint rack LIKE r1`, `maintenance`; `other tasks`: they lacked nothing, and were used for more urgent ones. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The most that one agent has offered of each. */
  readonly best: Readonly<Record<string, number>>;
  /** There is no subscription, so no offers come. */
  readonly unsubscribed?: true;
}

/** How a request to run a task came out, before or instead of an end of the running task. */
export type LaunchFailure =
  | { readonly kind: 'no-capacity'; readonly shortage: Shortage; readonly waitedMs: number }
  /** No agent of this master has as much, even when empty. */
  | { readonly kind: 'impossible'; readonly shortage: Shortage }
  | { readonly kind: 'launch-timeout'; readonly waitedMs: number; readonly attempts: number }
  | { readonly kind: 'image-pull-failed'; readonly status: WireTaskStatus }
  | { readonly kind: 'container-run-failed'; readonly status: WireTaskStatus }
  | { readonly kind: 'invalid-task'; readonly reason: string }
  /** A task of its id runs in Mesos, one of an earlier life of this framework. */
  | { readonly kind: 'duplicate-task' }
  /** The task was told dead by something other than its own end: agent lost, dropped, gone. */
  | { readonly kind: 'lost'; readonly state: TaskState; readonly reason: string }
  /** It ended before it was (healthy and) running. */
  | { readonly kind: 'ended-early'; readonly status: WireTaskStatus }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'not-leader' }
  | { readonly kind: 'framework-removed' }
  | { readonly kind: 'torn-down' }
  | { readonly kind: 'not-stored'; readonly cause: unknown }
  | { readonly kind: 'closed' };

/** How a deletion came out. */
export type DeleteOutcome =
  /** It had not been launched. */
  | { readonly kind: 'withdrawn' }
  /** Mesos has told its end, whatever it was. */
  | { readonly kind: 'ended'; readonly state: TaskState; readonly status?: WireTaskStatus }
  /** Nobody can reach its agent; it is killed when it turns up again. */
  | { readonly kind: 'unreachable'; readonly state: TaskState };
