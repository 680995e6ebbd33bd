import type { PlacementRequest } from '../../offers/placement.ts';
import type { CompiledGroup } from '../../tasks/compile-group.ts';
import type { CoreDeadline } from './core-deadline.ts';
import type { Deadline } from './deadline-heap.ts';
import type { LiveTask } from './live-task.ts';

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
  deadline: Deadline<CoreDeadline> | undefined;
}
