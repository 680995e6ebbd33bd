import { describeEnd } from '../../tasks/task-end.ts';
import { tellsAnEnd } from '../../tasks/task-phase.ts';
import type { WireTaskStatus } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import type { LiveTask, UntoldUpdate } from './live-task.ts';
import { clearDeadline, setDeadline } from './settle.ts';
import { isAdopted, isOwners } from './task-origin.ts';

/** An agent repeats only the first update that is not acknowledged: few uuids tell a repetition. */
const UUIDS_KEPT = 4;
/** An agent sends a task's next update after the acknowledgement of the last. More at a time are no agent's. */
const UNTOLD_MOST = 64;

/**
 * Tells the owner of a state, after those of the same task that are being handled. What becomes of an attempt that
 * another one has replaced, or of a mere name, is nobody's business: the owner would take it for the task's own fate.
 */
export function tellOwner(core: CoreParts, task: LiveTask, status: WireTaskStatus): void {
  const isEnd = task.phase === 'ended';
  if (!isOwners(task)) return finish(core, task, { status, isEnd });
  // What is not acknowledged is repeated.
  if (status.uuid !== undefined && task.untold.length >= UNTOLD_MOST) return;
  core.lastUpdate += 1;
  const number = core.lastUpdate;
  const { record } = task;
  const told = {
    taskId: record.id,
    mesosTaskId: status.task_id.value,
    status,
    record,
    adopted: isAdopted(task),
    reconciliation: status.reason === 'REASON_RECONCILIATION',
    ...(isEnd && tellsAnEnd(status) ? { end: describeEnd(status) } : {}),
  };
  task.untold = [...task.untold, { number, status, told, isEnd }];
  core.updates.set(number, task);
  if (task.untold.length === 1) core.outbox.push({ type: 'task-update', update: number, told });
}

/**
 * The owner has handled an update, or has failed to. Then Mesos gets no acknowledgement and repeats it; what Mesos
 * won't repeat is told again after a while.
 */
export function onHandled(core: CoreParts, number: number, error: Error | undefined): void {
  const task = core.updates.get(number);
  const update = task?.untold[0];
  if (!task || update?.number !== number) return;
  const { uuid } = update.status;
  if (error) {
    const text = 'onTask has failed: this update of the task is told again';
    core.outbox.warn(text, { taskId: task.record.id, state: update.status.state, error });
    if (uuid === undefined)
      return setDeadline(core, task, { kind: 'retell', inMs: core.options.limits.retellMs });
  }
  core.updates.delete(number);
  task.untold = task.untold.slice(1);
  if (!error) finish(core, task, update);
  tellNext(core, task);
}

/** Once more the first one that is not handled. */
export function tellNext(core: CoreParts, task: LiveTask): void {
  clearDeadline(core, task, 'retell');
  const next = task.untold[0];
  if (next) core.outbox.push({ type: 'task-update', update: next.number, told: next.told });
}

/** Sends the acknowledgement of an update that has been handled. False: nobody could hear it, Mesos will repeat the update. */
export function acknowledge(core: CoreParts, status: WireTaskStatus): boolean {
  const { agent_id, task_id, uuid } = status;
  if (uuid === undefined || agent_id === undefined) return true;
  if (!core.outbox.isOpen) return false;
  core.outbox.send({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } });
  return true;
}

/** A task whose end has been handled and acknowledged is taken out of the book and of the state. */
export function forgetEnded(core: CoreParts, task: LiveTask): void {
  if (task.phase !== 'ended' || !task.isEndHandled || task.untold.length > 0) return;
  if (core.book.owns(task)) core.outbox.remove(task.record.id);
  core.ended.remember({
    record: task.record,
    handledUuids: task.handledUuids,
    isSuperseded: !isOwners(task),
  });
  core.book.remove(task);
}

function finish(core: CoreParts, task: LiveTask, handled: Pick<UntoldUpdate, 'status' | 'isEnd'>): void {
  const { status, isEnd } = handled;
  if (status.uuid !== undefined) {
    task.handledUuids = [...task.handledUuids.slice(1 - UUIDS_KEPT), status.uuid];
  }
  if (isEnd && task.phase === 'ended') task.isEndHandled = true;
  if (acknowledge(core, status)) forgetEnded(core, task);
}
