import type { TaskRecord } from '../../tasks/task-record.ts';
import type { LiveTask } from './live-task.ts';

/** One for all: there are many tasks, and most have none. */
const none: readonly never[] = [];

/** A task as it is when it comes into sight. */
export function newTask(given: Pick<LiveTask, 'origin' | 'record' | 'phase'> & Partial<LiveTask>): LiveTask {
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
