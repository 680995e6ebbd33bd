import type { KillCall } from '@vibrissa/mesos/wire';
import type { Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { reconcileTask } from './reconcile.ts';

/** A KILL of an unknown task is answered as a question about it; one with the wrong agent is ignored. */
export function kill(master: MasterState, framework: Framework, { kill: body }: KillCall): void {
  const task = framework.tasks.get(body.task_id.value);
  if (task === undefined) {
    reconcileTask(master, framework, body);
    return;
  }
  if (body.agent_id !== undefined && body.agent_id.value !== task.agentId) return;
  const agent = master.agents.get(task.agentId);
  if (agent === undefined) return;
  const grace = body.kill_policy?.grace_period?.nanoseconds;
  const sent = master.toAgent(agent, {
    type: 'kill-task',
    frameworkId: framework.id,
    taskId: task.id,
    ...(grace === undefined ? {} : { graceMs: grace / 1e6 }),
  });
  if (!sent) {
    agent.pendingKills.set(`${framework.id}\n${task.id}`, { frameworkId: framework.id, taskId: task.id });
  }
}
