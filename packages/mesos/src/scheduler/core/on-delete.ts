import type { DeleteOutcome } from '../../tasks/task-outcome.ts';
import type { WireTaskStatus } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import { condemn, kill } from './kill.ts';
import type { LiveTask } from './live-task.ts';
import { newTask, takeDeletions } from './new-task.ts';
import { endTask, settleUnreachable } from './settle.ts';
import { tellOwner } from './tell-owner.ts';
import { giveUp } from './waiting.ts';

/** A task, or all of a group, is not wanted any more. `taskId` is the id of its submission. */
export function onDelete(core: CoreParts, request: number, taskId: string): void {
  if (core.standing !== 'open') {
    core.outbox.push({ type: 'deleted', request, outcome: { kind: core.standing } });
    return;
  }
  const [first, ...others] = core.book.named(taskId);
  if (!first) return deleteUnknown(core, request, taskId);
  // The members of a group end together: the first one answers for all.
  deleteTask(core, request, first);
  for (const other of others) deleteTask(core, undefined, other);
}

function deleteTask(core: CoreParts, request: number | undefined, task: LiveTask): void {
  if (request !== undefined) task.deletions = [...task.deletions, request];
  const { status, state } = task.record;
  switch (task.phase) {
    case 'waiting':
      if (task.submission) giveUp(core, task.submission, { kind: 'deleted' });
      return;
    case 'storing':
      // Its ACCEPT is not sent once the write has ended.
      return condemn(core, task);
    case 'launched':
      if (task.submission?.neverRan.includes(task) && status) return endUnborn(core, task, status);
      condemn(core, task);
      if (task.isUnreachable && status) return settleUnreachable(core, task, status);
      return kill(core, task);
    case 'ended':
      for (const open of takeDeletions(task)) {
        answer(core, open, { kind: 'ended', state: state ?? 'TASK_UNKNOWN', ...(status ? { status } : {}) });
      }
  }
}

/** A member of a group whose launch came to nothing: Mesos has had its last word on it, and would answer no KILL with news. */
function endUnborn(core: CoreParts, task: LiveTask, status: WireTaskStatus): void {
  endTask(core, task, { status, failure: { kind: 'deleted' } });
  tellOwner(core, task, status);
}

/**
 * It may have ended a while ago; else Mesos may know it though we don't (yet): a KILL finds out, and its answer
 * settles the request.
 */
function deleteUnknown(core: CoreParts, request: number, taskId: string): void {
  const ended = core.ended.byId(taskId);
  if (ended) {
    const { state = 'TASK_UNKNOWN', status } = ended.record;
    return answer(core, request, { kind: 'ended', state, ...(status ? { status } : {}) });
  }
  if (!core.outbox.isOpen) {
    core.outbox.push({ type: 'deleted', request, outcome: { kind: 'unknown-task' } });
    return;
  }
  const known = core.book.byMesosId(taskId);
  const task = known ?? asked(core, taskId);
  task.deletions = [...task.deletions, request];
  condemn(core, task);
  kill(core, task);
}

function asked(core: CoreParts, taskId: string): LiveTask {
  const task = newTask({
    origin: 'asked',
    record: { id: taskId, mesosTaskId: taskId, attempt: 1 },
    phase: 'launched',
    promised: 'settled',
    masterEpoch: core.masterEpoch,
  });
  core.book.index(task);
  return task;
}

function answer(core: CoreParts, request: number, outcome: DeleteOutcome): void {
  core.outbox.push({ type: 'deleted', request, outcome });
}
