import type { Shortage } from '../../tasks/task-outcome.ts';
import type { TaskRecord } from '../../tasks/task-record.ts';
import type { CoreParts } from './core-parts.ts';
import { shortageOf } from './waiting.ts';

/** How things stand with a task, for people. */
export type TaskExplanation =
  | {
      readonly kind: 'waiting';
      /** In a few words: what it waits for. `shortage` says more. */
      readonly why: 'no subscription' | 'no offers' | 'no fitting offer';
      /** Milliseconds since it was submitted, or since its last launch came to nothing. */
      readonly waitedMs: number;
      /** Rounds of offers that have passed it by. */
      readonly rounds: number;
      readonly shortage: Shortage;
      /** Launches that came to nothing. */
      readonly lostLaunches: number;
    }
  /** Its place is chosen, and being written down. */
  | { readonly kind: 'storing'; readonly record: TaskRecord }
  | { readonly kind: 'launched' | 'ended'; readonly record: TaskRecord }
  /** There is none, or it has ended long ago. */
  | { readonly kind: 'unknown' };

/** Of a task, or of a group by its id. */
export function explainTask(core: CoreParts, id: string): TaskExplanation {
  const [task] = core.book.named(id);
  const record = task?.record ?? core.ended.byId(id)?.record;
  if (!record) return { kind: 'unknown' };
  if (!task) return { kind: 'ended', record };
  const { submission } = task;
  if (task.phase !== 'waiting' || !submission) {
    return { kind: task.phase === 'waiting' ? 'launched' : task.phase, record };
  }
  const shortage = shortageOf(core, submission);
  return {
    kind: 'waiting',
    why: whyItWaits(shortage),
    waitedMs: Math.round(core.moment.nowMs - submission.waitingSinceMs),
    rounds: core.rounds - submission.roundsBefore,
    shortage,
    lostLaunches: submission.lostLaunches,
  };
}

function whyItWaits({ unsubscribed, offersSeen }: Shortage): (TaskExplanation & { kind: 'waiting' })['why'] {
  if (unsubscribed) return 'no subscription';
  return offersSeen === 0 ? 'no offers' : 'no fitting offer';
}
