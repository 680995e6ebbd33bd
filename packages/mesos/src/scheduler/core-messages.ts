import type { DeleteOutcome, LaunchFailure } from '../tasks/task-outcome.ts';
import type { TaskEnd } from '../tasks/task-end.ts';
import type { TaskRecord } from '../tasks/task-record.ts';
import type { TaskGroupSpec, TaskSpec } from '../tasks/task-spec.ts';
import type { StateChange, StoredState } from '../state/framework-state.ts';
import type { CallAnswer, MasterUrl, StreamEnd } from '../transport/transport.ts';
import type { MesosEvent, SessionCall, SubscribeCall, WireTaskStatus } from '../wire/index.ts';

/**
 * The scheduler's heart does no I/O: it takes one of these at a time and returns effects. Whoever drives it (the
 * real client, the simulation) executes the effects and brings the answers back as further inputs.
 */
export type CoreInput =
  /** What the state port has loaded: it can be asked about and deleted before `start`. Optional. */
  | { readonly type: 'load'; readonly stored: StoredState }
  /** Begins, with what the state port has loaded. */
  | { readonly type: 'start'; readonly stored: StoredState }
  | { readonly type: 'submit'; readonly task: TaskSpec & { readonly id: string } }
  /** Tasks that come together are matched together. */
  | { readonly type: 'submit-all'; readonly tasks: readonly (TaskSpec & { readonly id: string })[] }
  | { readonly type: 'submit-group'; readonly group: TaskGroupSpec & { readonly id: string } }
  | { readonly type: 'delete'; readonly request: number; readonly taskId: string }
  | { readonly type: 'reconcile'; readonly request: number }
  /** A call of the user's own: it leaves when there is a subscription, and is refused when there is none. */
  | { readonly type: 'call'; readonly request: number; readonly call: SessionCall }
  | { readonly type: 'teardown'; readonly request: number }
  /** Ends the subscription, leaves tasks and framework; every open request settles as closed. */
  | { readonly type: 'close' }
  /** Another instance leads (false), or this one may subscribe (true). */
  | { readonly type: 'leadership'; readonly leading: boolean }
  | { readonly type: 'masters'; readonly masters: readonly MasterUrl[] }
  | { readonly type: 'no-masters'; readonly error: Error }
  | { readonly type: 'opened'; readonly connection: number; readonly streamId: string }
  | { readonly type: 'alive'; readonly connection: number }
  | { readonly type: 'event'; readonly connection: number; readonly event: MesosEvent }
  | { readonly type: 'ended'; readonly connection: number; readonly end: StreamEnd }
  | { readonly type: 'answered'; readonly connection: number; readonly answer: CallAnswer }
  | { readonly type: 'persisted'; readonly write: number; readonly error?: Error }
  /** `onTask` has resolved for this update (or rejected: no acknowledgement, Mesos repeats it). */
  | { readonly type: 'handled'; readonly update: number; readonly error?: Error }
  /** What the largest agents have in all, asked of the master when a task waits long. */
  | { readonly type: 'agents'; readonly totals: readonly AgentTotals[] }
  | { readonly type: 'tick' };

export interface AgentTotals {
  readonly agentId: string;
  readonly resources: Readonly<Record<string, number>>;
}

/** What the driver is to do; the order is binding. */
export type CoreEffect =
  | { readonly type: 'detect-masters' }
  /** Opens connection number `connection`; a former one is closed already. */
  | {
      readonly type: 'connect';
      readonly connection: number;
      readonly master: MasterUrl;
      readonly call: SubscribeCall;
    }
  | { readonly type: 'disconnect'; readonly connection: number }
  | {
      readonly type: 'send';
      readonly connection: number;
      readonly callId: number;
      readonly frameworkId: string;
      readonly call: SessionCall;
    }
  /** Answered by `persisted`. */
  | { readonly type: 'persist'; readonly write: number; readonly change: StateChange }
  /** One for `onTask`; answered by `handled`. Those of one task come one after the other. */
  | { readonly type: 'task-update'; readonly update: number; readonly told: TaskUpdate }
  | { readonly type: 'task-running'; readonly record: TaskRecord }
  /**
   * The last word on a task: it will never be told running; or, after that, that its end will not be told. So each
   * submission gets at most one `task-running` and then exactly one of `launch-failed` and `task-ended`.
   */
  | { readonly type: 'launch-failed'; readonly taskId: string; readonly failure: LaunchFailure }
  /** Only after `task-running`. `TASK_UNREACHABLE`: it was deleted, and is killed when it turns up again. */
  | { readonly type: 'task-ended'; readonly record: TaskRecord; readonly status: WireTaskStatus }
  | { readonly type: 'deleted'; readonly request: number; readonly outcome: DeleteOutcome | RequestFailure }
  | { readonly type: 'reconciled'; readonly request: number; readonly outcome: Reconciled | RequestFailure }
  | { readonly type: 'called'; readonly request: number; readonly outcome: CallAnswer | RequestFailure }
  | { readonly type: 'torn-down'; readonly request: number; readonly failure?: RequestFailure }
  /** For listeners, logs and metrics. */
  | { readonly type: 'notice'; readonly notice: Notice }
  /** Answered by `agents`, or not at all. */
  | { readonly type: 'ask-agents'; readonly master: MasterUrl };

/** A state of a task, told to the owner. */
export interface TaskUpdate {
  readonly taskId: string;
  readonly mesosTaskId: string;
  readonly status: WireTaskStatus;
  /** The record after the update. `adopted`: found in Mesos, not submitted here. */
  readonly record: TaskRecord;
  readonly adopted: boolean;
  /** Why it was told: an update of the agent or master, or an answer to a question of this client. */
  readonly reconciliation: boolean;
  /** What kind of end it was, of a task that has ended. */
  readonly end?: TaskEnd;
}

export interface Reconciled {
  readonly kind: 'reconciled';
  /** Tasks about which Mesos stayed silent until the bound. */
  readonly silent: readonly string[];
}

export type RequestFailure =
  | { readonly kind: 'unknown-task' }
  | { readonly kind: 'not-leader' }
  | { readonly kind: 'not-subscribed' }
  | { readonly kind: 'framework-removed' }
  | { readonly kind: 'torn-down' }
  | { readonly kind: 'refused'; readonly status: number; readonly text: string }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'closed' };

export type Notice =
  | {
      readonly kind: 'subscribed';
      readonly frameworkId: string;
      readonly masterVersion?: string;
      readonly masterId?: string;
    }
  /**
   * The stream is gone; a new one is tried. `reason` is a sentence for people, `status` that of the call whose refusal
   * said so, where one did.
   */
  | {
      readonly kind: 'lost';
      readonly reason: string;
      readonly retryInMs?: number;
      readonly status?: number;
    }
  /** Another subscriber has taken the framework: nothing is tried until leadership is given again. */
  | { readonly kind: 'stepped-down'; readonly reason: string }
  /** The master has removed the framework: its id is dead. */
  | { readonly kind: 'removed'; readonly reason: string; readonly recordedTasks?: number }
  /** The master will never accept this framework as it is. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'offers'; readonly received: number; readonly held: number; readonly launched: number }
  | { readonly kind: 'event'; readonly event: MesosEvent }
  | { readonly kind: 'warning'; readonly text: string; readonly details?: Readonly<Record<string, unknown>> };
