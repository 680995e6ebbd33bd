import type { StoredState } from '../../state/framework-state.ts';
import type { TaskRecord } from '../../tasks/task-record.ts';
import type { CoreParts } from './core-parts.ts';
import type { LiveTask } from './live-task.ts';
import { newTask } from './new-task.ts';
import { applyActions } from './on-session.ts';
import { setDeadline } from './settle.ts';

/** Makes stored tasks known before the start: they can be explained and deleted, and their ids are taken. */
export function onLoad(core: CoreParts, stored: StoredState): void {
  for (const record of stored.tasks) restore(core, record);
}

/**
 * Begins with what was stored: each record is a task that may run, about which Mesos is asked at the first SUBSCRIBED.
 * Begun again after another instance led, or after the framework was removed, it forgets what it knew before; begun
 * again after a refusal it goes on.
 */
export function onStart(core: CoreParts, stored: StoredState): void {
  if (core.standing === 'closed') return;
  // Leadership may have been given again before.
  if (core.isSettled) forgetAll(core);
  core.isSettled = false;
  core.standing = 'open';
  core.frameworkId = stored.frameworkId ?? core.frameworkId ?? core.options.frameworkId;
  for (const record of stored.tasks) expectStart(core, restore(core, record));
  applyActions(core, core.session.start(core.moment.nowMs));
}

/** All of it was settled when this instance stopped leading. */
function forgetAll(core: CoreParts): void {
  core.frameworkId = undefined;
  core.storing = undefined;
  core.outbox.forgetChanges();
  core.reserved.clear();
  core.updates.clear();
  core.book.clear();
}

/** Undefined: its id is that of another task. */
function restore(core: CoreParts, record: TaskRecord): LiveTask | undefined {
  const { id, mesosTaskId } = record;
  const known = core.book.byId(id);
  if (known) {
    if (known.record.mesosTaskId === mesosTaskId && core.book.byMesosId(mesosTaskId)) return known;
    const text = 'a stored task has the id of one that was submitted before the start: it is left alone';
    core.outbox.warn(text, { id });
    return undefined;
  }
  const task = newTask({
    origin: record.spec ? 'restored' : 'adopted',
    record,
    phase: 'launched',
    promised: record.ran ? 'running' : 'open',
    isConfirmed: record.state !== undefined,
    isUnreachable: record.state === 'TASK_UNREACHABLE',
    launchedAtMs: core.moment.nowMs,
  });
  core.book.add(task);
  core.book.index(task);
  if (record.unwanted) core.book.condemn(task);
  return task;
}

/** One whose launch a former process did not see through has as long as a new one. */
function expectStart(core: CoreParts, task: LiveTask | undefined): void {
  if (!task || task.phase !== 'launched' || task.deadlines?.start) return;
  if (task.record.unwanted || task.record.ran || !task.record.spec) return;
  setDeadline(core, task, { kind: 'start', inMs: core.options.limits.startTimeoutMs });
}
