import type { CompiledTask } from '../../tasks/compile-task.ts';
import type { TaskRecord } from '../../tasks/task-record.ts';
import type { WireTaskStatus } from '../../wire/index.ts';
import type { TaskUpdate } from '../core-messages.ts';
import type { CoreDeadline, TaskDeadlineKind } from './core-deadline.ts';
import type { Deadline } from './deadline-heap.ts';
import type { Submission } from './submission.ts';

/**
 * Where a task comes from. `stray`: it runs in Mesos though it has no business to (a superseded attempt, one that had
 * ended for us), and is only kept until it is dead.
 */
export type TaskOrigin = 'submitted' | 'restored' | 'adopted' | 'stray';

/**
 * waiting → storing (its record is being written) → launched (ACCEPT sent) → ended (told; its last update is being
 * handled); back to waiting when a launch came to nothing.
 */
export type TaskPhase = 'waiting' | 'storing' | 'launched' | 'ended';

/** One state of a task on its way to the owner. */
export interface UntoldUpdate {
  readonly number: number;
  readonly status: WireTaskStatus;
  readonly told: TaskUpdate;
  /** It is about the task's end, or was told after that. */
  readonly isEnd: boolean;
}

/** A task that this client cares for. */
export interface LiveTask {
  readonly origin: TaskOrigin;
  record: TaskRecord;
  phase: TaskPhase;
  /** Absent for adopted ones and strays; of restored ones it is made when it is needed. */
  compiled: CompiledTask | undefined;
  submission: Submission | undefined;
  /** `open`: whether it runs is still to be told; `running`: that was told, its end is still to come; `settled`: all told. */
  promised: 'open' | 'running' | 'settled';
  /** Mesos has told anything about this attempt. */
  isConfirmed: boolean;
  /** Under which master (counted) it was launched; a restored one's is unknown: 0. */
  masterEpoch: number;
  launchedAtMs: number;
  isUnreachable: boolean;
  /** Requests for its deletion that are still open. */
  deletions: readonly number[];
  /** The first one is being handled. */
  untold: readonly UntoldUpdate[];
  /** Uuids of its last updates that were handled: when they come again they are only acknowledged again. */
  handledUuids: readonly string[];
  /** The owner has handled its end. */
  isEndHandled: boolean;
  deadlines: { [K in TaskDeadlineKind]?: Deadline<CoreDeadline> } | undefined;
  /** KILLs sent so far. */
  kills: number;
  /** How long the next answer about its launch is waited for. */
  probeAfterMs: number;
}

/** One for all: there are many tasks, and most have none. */
const none: readonly never[] = [];

/** A task as it is when it comes into sight. */
export function liveTask(given: Pick<LiveTask, 'origin' | 'record' | 'phase'> & Partial<LiveTask>): LiveTask {
  return {
    compiled: undefined,
    submission: undefined,
    promised: 'open',
    isConfirmed: false,
    masterEpoch: 0,
    launchedAtMs: 0,
    isUnreachable: false,
    deletions: none,
    untold: none,
    handledUuids: none,
    isEndHandled: false,
    deadlines: undefined,
    kills: 0,
    probeAfterMs: 0,
    ...given,
  };
}

/** The agent that it is on, as far as is known. */
export function agentIdOf(record: TaskRecord): string | undefined {
  return record.placement?.agentId ?? record.status?.agent_id?.value;
}

/** The requests for its deletion, to be settled by whoever takes them. */
export function takeDeletions(task: LiveTask): readonly number[] {
  const { deletions } = task;
  task.deletions = none;
  return deletions;
}
