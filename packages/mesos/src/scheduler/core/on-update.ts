import { suspectsPort } from '../../tasks/launch-failure.ts';
import { applyStatus, type TaskChange } from '../../tasks/task-state.ts';
import type { WireTaskStatus } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import { condemn, forgetUnknown, isUnknown, kill } from './kill.ts';
import { abandonGroup, neverRan } from './launch-lost.ts';
import type { LiveTask } from './live-task.ts';
import { clearDeadline, endTask, settleUnreachable, tellRunning } from './settle.ts';
import { strangerOf } from './stranger.ts';
import { isAdopted, isOwners } from './task-origin.ts';
import { acknowledge, forgetEnded, tellOwner } from './tell-owner.ts';

/** What Mesos says of a task: an update of its agent, the master's word, or an answer to a reconciliation. */
export function onUpdate(core: CoreParts, status: WireTaskStatus): void {
  const task = core.book.byMesosId(status.task_id.value) ?? strangerOf(core, status);
  if (!task || isRepeated(core, task, status)) return;
  const { record, change } = applyStatus(task.record, status, {
    masterIsYoung: isYoungFor(core, task),
    launching: task.phase === 'launched',
  });
  // The question stays open: a young master is asked again.
  if (change.kind === 'unconfirmed') return;
  core.plan.answered(status.task_id.value);
  // An agent's word on it, which wants an acknowledgement, is an end like any other.
  if (isUnknown(task) && change.kind === 'never-ran' && status.uuid === undefined) {
    return forgetUnknown(core, task);
  }
  task.record = record;
  if (change.kind === 'never-ran') return neverRan(core, task, { status, why: change.why });
  if (!task.isConfirmed) confirm(core, task);
  takeEffect(core, task, { change, status });
  if (task.record.unwanted && !task.deadlines?.kill) kill(core, task);
  if (isNews(task, change, status)) tellOwner(core, task, status);
  else forgetEnded(core, task);
}

/**
 * The same update once more: what has been handled is only acknowledged again, since the acknowledgement was lost;
 * what is being handled will be.
 */
function isRepeated(core: CoreParts, task: LiveTask, { uuid, ...status }: WireTaskStatus): boolean {
  if (uuid === undefined) return false;
  if (task.handledUuids.includes(uuid)) {
    core.plan.answered(status.task_id.value);
    if (acknowledge(core, { ...status, uuid })) forgetEnded(core, task);
    return true;
  }
  return task.untold.some((update) => update.status.uuid === uuid);
}

/** The master has been elected or restarted after this task's launch, and not long ago. */
function isYoungFor(core: CoreParts, task: LiveTask): boolean {
  const ageMs = core.moment.nowMs - core.masterSinceMs;
  return task.masterEpoch !== core.masterEpoch && ageMs < core.options.limits.youngMasterMs;
}

function confirm(core: CoreParts, task: LiveTask): void {
  task.isConfirmed = true;
  clearDeadline(core, task, 'probe');
  if (isAdopted(task) && task.phase === 'launched' && core.book.owns(task)) core.outbox.put(task.record);
}

/** Every update of an agent is told, and whatever else is new; an end until it was handled. */
function isNews(task: LiveTask, change: TaskChange, status: WireTaskStatus): boolean {
  if (status.uuid !== undefined) return true;
  if (task.phase === 'ended' && !task.isEndHandled)
    return task.untold.length === 0 || change.kind === 'ended';
  return change.kind !== 'duplicate' && change.kind !== 'not-its-death';
}

function takeEffect(
  core: CoreParts,
  task: LiveTask,
  news: { change: TaskChange; status: WireTaskStatus },
): void {
  const { change, status } = news;
  switch (change.kind) {
    case 'running':
      return runs(core, task);
    case 'unreachable':
      task.isUnreachable = true;
      clearDeadline(core, task, 'kill');
      if (task.record.unwanted) settleUnreachable(core, task, status);
      return;
    case 'returned':
      task.isUnreachable = false;
      if (change.firstRun) runs(core, task);
      return;
    case 'resurrected':
      return onResurrected(core, task, change.firstRun);
    case 'ended':
      return onEnded(core, task, status);
    default:
      return;
  }
}

function runs(core: CoreParts, task: LiveTask): void {
  // Its endpoint is in the status: a successor need not wait for the reconciliation to know it.
  if (core.book.owns(task)) core.outbox.put(task.record);
  tellRunning(core, task);
}

function onResurrected(core: CoreParts, task: LiveTask, firstRun: boolean): void {
  task.phase = 'launched';
  task.isEndHandled = false;
  if (isOwners(task)) core.book.add(task);
  const isOurs = core.book.owns(task);
  if (isOurs && core.options.onReturn === 'adopt' && !task.record.unwanted) {
    core.outbox.put(task.record);
    if (firstRun) tellRunning(core, task);
  } else {
    condemn(core, task);
  }
}

function onEnded(core: CoreParts, task: LiveTask, status: WireTaskStatus): void {
  const { placement } = task.record;
  if (placement && suspectsPort(status)) {
    for (const port of placement.hostPorts) {
      core.blockedPorts.block(placement.agentId, port, core.moment.nowMs);
    }
  }
  endTask(core, task, { status });
  if (task.submission) abandonGroup(core, task.submission);
}
