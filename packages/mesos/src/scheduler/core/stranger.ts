import { meaningOf } from '../../tasks/status-meaning.ts';
import type { WireTaskStatus } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import type { LiveTask } from './live-task.ts';
import { newTask } from './new-task.ts';
import { isAdopted } from './task-origin.ts';

const signsOfLife = new Set(['staging', 'starting', 'running', 'killing']);

/**
 * The task of a status that names none of ours. Undefined when there is nothing to do about it: Mesos answers questions
 * and KILLs about tasks that it doesn't know, and to react to that would be a conversation without an end.
 */
export function strangerOf(core: CoreParts, status: WireTaskStatus): LiveTask | undefined {
  const lives = signsOfLife.has(meaningOf(status));
  if (!lives && status.uuid === undefined) return undefined;
  const task = returningOf(core, status) ?? unknownOf(core, status, lives);
  task.masterEpoch = core.masterEpoch;
  core.book.index(task);
  if (task.record.unwanted) core.book.condemn(task);
  return task;
}

/** One that had ended for us. */
function returningOf(core: CoreParts, status: WireTaskStatus): LiveTask | undefined {
  const ended = core.ended.byMesosId(status.task_id.value);
  if (!ended) return undefined;
  core.ended.forget(status.task_id.value);
  return newTask({
    origin: ended.isSuperseded ? 'stray' : 'restored',
    record: ended.record,
    phase: 'ended',
    promised: 'settled',
    handledUuids: ended.handledUuids,
    isEndHandled: true,
  });
}

function unknownOf(core: CoreParts, status: WireTaskStatus, lives: boolean): LiveTask {
  const mesosTaskId = status.task_id.value;
  const record = { id: mesosTaskId, mesosTaskId, attempt: 1 };
  if (isFormerAttempt(core, mesosTaskId)) {
    return newTask({
      origin: 'stray',
      record: { ...record, unwanted: true },
      phase: 'launched',
      promised: 'settled',
    });
  }
  const isUnwanted = lives && core.options.unknownTasks === 'kill';
  const task = newTask({
    origin: 'adopted',
    record: isUnwanted ? { ...record, unwanted: true } : record,
    phase: 'launched',
    promised: lives && !isUnwanted ? 'open' : 'settled',
  });
  // Another task has its id, and is what the owner means by it.
  if (lives && !core.book.add(task)) task.promised = 'settled';
  return task;
}

/** An attempt of a task of ours that was given up, perhaps by a former process: another one has taken its place. */
function isFormerAttempt(core: CoreParts, mesosTaskId: string): boolean {
  const [, id = mesosTaskId, number = '1'] = /^(.+)\.(\d+)$/.exec(mesosTaskId) ?? [];
  return [
    { id, attempt: Number(number) },
    { id: mesosTaskId, attempt: 1 },
  ].some(({ id: known, attempt }) => {
    const task = core.book.byId(known);
    // The last one has ended, and that was told: nobody expects another.
    if (!task) return attempt < (core.ended.byId(known)?.record.attempt ?? 0);
    if (isAdopted(task)) return false;
    return attempt < task.record.attempt || (task.phase === 'waiting' && attempt === task.record.attempt);
  });
}
