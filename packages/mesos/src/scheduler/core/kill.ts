import type { CoreParts } from './core-parts.ts';
import { agentIdOf, type LiveTask } from './live-task.ts';
import { setDeadline } from './settle.ts';

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
  const agentId = agentIdOf(task.record);
  core.outbox.send({
    type: 'KILL',
    kill: {
      task_id: { value: task.record.mesosTaskId },
      ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
    },
  });
}
