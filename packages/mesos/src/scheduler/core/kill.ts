import type { CoreParts } from './core-parts.ts';
import type { LiveTask } from './live-task.ts';
import { agentIdOf, takeDeletions } from './new-task.ts';
import { clearDeadlines, setDeadline } from './settle.ts';
import { forgetEnded } from './tell-owner.ts';

/** Some masters are silent about tasks that they don't know. */
const KILLS_OF_UNKNOWN = 6;

/** Somebody wants it gone, from now on and for ever; a successor learns it from the state. */
export function condemn(core: CoreParts, task: LiveTask): void {
  const isNew = task.record.unwanted !== true;
  core.book.condemn(task);
  if (isNew && task.phase === 'launched' && core.book.owns(task)) core.outbox.put(task.record);
}

/**
 * Sends KILL, and again after {@link CoreLimits.killRetryMs} until Mesos tells the task's end: a KILL is best effort.
 * Not while nobody reaches its agent, since then it is lost for sure; who comes back is killed then.
 */
export function kill(core: CoreParts, task: LiveTask): void {
  if (task.phase !== 'launched' || task.isUnreachable) return;
  setDeadline(core, task, { kind: 'kill', inMs: core.options.limits.killRetryMs });
  if (!core.outbox.isOpen || !core.options.mayAct(core.moment.nowMs)) return;
  if (isUnknown(task) && task.kills >= KILLS_OF_UNKNOWN) return forgetUnknown(core, task);
  task.kills += 1;
  const agentId = agentIdOf(task.record);
  core.outbox.send({
    type: 'KILL',
    kill: {
      task_id: { value: task.record.mesosTaskId },
      ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
    },
  });
}

/** Nobody has ever seen it: its deletion was asked for by a name that means nothing to Mesos either. */
export function isUnknown({ origin, record }: LiveTask): boolean {
  return origin === 'asked' && record.state === undefined;
}

/** Should it turn up later, it is killed: it was deleted. */
export function forgetUnknown(core: CoreParts, task: LiveTask): void {
  for (const request of takeDeletions(task)) {
    core.outbox.push({ type: 'deleted', request, outcome: { kind: 'unknown-task' } });
  }
  clearDeadlines(core, task);
  task.phase = 'ended';
  task.isEndHandled = true;
  forgetEnded(core, task);
}
