import type { PlacementRequest } from '../../offers/placement.ts';
import type { CompiledGroup } from '../../tasks/compile-group.ts';
import type { CompiledTask } from '../../tasks/compile-task.ts';
import type { TaskRecord } from '../../tasks/task-record.ts';
import type { WireTaskStatus } from '../../wire/index.ts';
import type { TaskUpdate } from '../core-messages.ts';
import type { Deadline } from './deadline-heap.ts';
import type { TaskOrigin } from './task-origin.ts';

/**
 * waiting → storing (its record is being written) → launched (ACCEPT sent) → ended (told; its last update is being
 * handled); back to waiting when a launch came to nothing.
 */
type TaskPhase = 'waiting' | 'storing' | 'launched' | 'ended';

/**
 * `probe`: nothing was heard of a launch, ask. `start`: it should run by now. `kill`: send KILL again. `retell`: the
 * owner failed to handle an update that Mesos won't repeat.
 */
export type TaskDeadlineKind = 'probe' | 'start' | 'kill' | 'retell';

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
  deadlines: { [K in TaskDeadlineKind]?: Deadline<unknown> } | undefined;
  /** KILLs sent so far. */
  kills: number;
  /** How long the next answer about its launch is waited for. */
  probeAfterMs: number;
}

/** What is placed at once and waits at one place of the queue: a task, or a group. */
export interface Submission {
  readonly id: string;
  /** Its turn: earlier ones are placed first. */
  readonly turn: number;
  readonly request: PlacementRequest;
  /** Alike submissions fit alike. */
  readonly shape: string;
  readonly group: CompiledGroup | undefined;
  readonly tasks: readonly LiveTask[];
  /** Since when it waits, for the first time or again. */
  waitingSinceMs: number;
  readonly submittedAtMs: number;
  /** Rounds of offers that there had been before. */
  roundsBefore: number;
  /** Launches that came to nothing: nobody knows why, or the task was dropped. */
  lostLaunches: number;
  /** Launches whose offers were gone: nobody's fault, yet not endlessly often. */
  goneOffers: number;
  /** Of a group: those of whom Mesos has said that they never ran. */
  neverRan: readonly LiveTask[];
  deadline: Deadline<unknown> | undefined;
}
