import type { WireTaskStatus } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import { forgetUnknown, isUnknown } from './kill.ts';
import type { LiveTask } from './live-task.ts';
import { endTask } from './settle.ts';
import { forgetEnded, tellOwner } from './tell-owner.ts';

/**
 * The framework was removed, with all tasks that were launched under its id: Mesos will say no word of them any more, so
 * their end is told here. What only waits goes on waiting.
 */
export function buryTasks(core: CoreParts, reason: string): void {
  for (const task of core.book.launched()) {
    if (isUnknown(task)) forgetUnknown(core, task);
    else if (task.phase === 'launched' || task.phase === 'ended') bury(core, task, reason);
  }
}

function bury(core: CoreParts, task: LiveTask, reason: string): void {
  // Nobody repeats them, and nobody waits for their acknowledgements.
  task.untold = task.untold.map((update) => {
    const { uuid: _, ...status } = update.status;
    return { ...update, status };
  });
  if (task.phase === 'ended') return tellEndAgain(core, task);
  const status = lastStatus(task, reason);
  task.record = { ...task.record, state: status.state, status };
  endTask(core, task, { status, failure: { kind: 'framework-removed' } });
  tellOwner(core, task, status);
}

/** The owner has failed to handle the end that Mesos has told. */
function tellEndAgain(core: CoreParts, task: LiveTask): void {
  const { status: told } = task.record;
  if (task.isEndHandled || task.untold.length > 0 || !told) return forgetEnded(core, task);
  const { uuid: _, ...status } = told;
  tellOwner(core, task, status);
}

function lastStatus({ record }: LiveTask, reason: string): WireTaskStatus {
  const { agent_id, executor_id } = record.status ?? {};
  return {
    task_id: { value: record.mesosTaskId },
    state: 'TASK_KILLED',
    source: 'SOURCE_MASTER',
    message: `${reason}: its tasks were killed with it`,
    ...(agent_id ? { agent_id } : {}),
    ...(executor_id ? { executor_id } : {}),
  };
}
