import type { ReconcileCall, TaskState, WireId } from '@vibrissa/mesos/wire';
import type { Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import type { Task } from '../state/task.ts';
import { masterStatus, stateFor, tellStatus } from './master-status.ts';

/** No tasks named: all that the master knows, unreachable ones left out. */
export function reconcile(
  master: MasterState,
  framework: Framework,
  { reconcile: body }: ReconcileCall,
): void {
  if (body.tasks.length === 0) {
    for (const task of framework.tasks.values()) tellLatest(master, framework, task);
    return;
  }
  for (const asked of body.tasks) reconcileTask(master, framework, asked);
}

/** Answers about one task; says nothing while it may be on an agent that has not come back since this master leads. */
export function reconcileTask(
  master: MasterState,
  framework: Framework,
  asked: { readonly task_id: WireId; readonly agent_id?: WireId },
): void {
  const task = framework.tasks.get(asked.task_id.value);
  if (task !== undefined) {
    tellLatest(master, framework, task);
    return;
  }
  const agentId = asked.agent_id?.value;
  const mayReturn =
    agentId === undefined ? master.recoveredAgents.size > 0 : master.recoveredAgents.has(agentId);
  if (mayReturn) return;
  const { state, message, unreachableNs } = whereabouts(master, agentId);
  const status = masterStatus(master, {
    taskId: asked.task_id.value,
    agentId,
    state: stateFor(framework, state),
    message: `Reconciliation: ${message}`,
    reason: 'REASON_RECONCILIATION',
    unreachableTime: unreachableNs === undefined ? undefined : { nanoseconds: unreachableNs },
  });
  tellStatus(master, framework, status);
}

interface Whereabouts {
  readonly state: TaskState;
  readonly message: string;
  readonly unreachableNs?: number;
}

/** What an unknown task must be, by its agent. */
function whereabouts({ agents, registry }: MasterState, agentId: string | undefined): Whereabouts {
  if (agentId !== undefined) {
    if (agents.has(agentId)) return { state: 'TASK_GONE', message: 'Task is unknown to the agent' };
    const since = registry.unreachable.get(agentId);
    if (since !== undefined) {
      return { state: 'TASK_UNREACHABLE', message: 'Task is unreachable', unreachableNs: since };
    }
    if (registry.gone.has(agentId)) return { state: 'TASK_GONE_BY_OPERATOR', message: 'Task is gone' };
  }
  return { state: 'TASK_UNKNOWN', message: 'Task is unknown' };
}

/** The state that was forwarded last, not what the agent may know already. */
function tellLatest(master: MasterState, framework: Framework, task: Task): void {
  const status = masterStatus(master, {
    taskId: task.id,
    agentId: task.agentId,
    executorId: task.executorId,
    state: task.forwarded?.state ?? task.state,
    message: 'Reconciliation: Latest task state',
    reason: 'REASON_RECONCILIATION',
    last: task.statuses.at(-1),
  });
  tellStatus(master, framework, status);
}
