import type { AcknowledgeCall, SessionCall, WireOperationStatus } from '@vibrissa/mesos/wire';
import { isTerminal } from '../../base/task-states.ts';
import type { Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { tellOperation } from './operation-status.ts';
import { removeTask } from './remove-task.ts';

/** Passed on to the agent, lost when that is disconnected. The end of a task is forgotten once it is acknowledged. */
export function acknowledge(
  master: MasterState,
  framework: Framework,
  { acknowledge: body }: AcknowledgeCall,
): void {
  const agent = master.agents.get(body.agent_id.value);
  if (agent?.link === undefined) return;
  const task = framework.tasks.get(body.task_id.value);
  if (task !== undefined && isTerminal(task.state)) {
    const { forwarded } = task;
    if (forwarded?.uuid === body.uuid && isTerminal(forwarded.state)) removeTask(master, task);
  }
  master.toAgent(agent, {
    type: 'acknowledge',
    frameworkId: framework.id,
    taskId: body.task_id.value,
    uuid: body.uuid,
  });
}

type AcknowledgeOperation = Extract<SessionCall, { type: 'ACKNOWLEDGE_OPERATION_STATUS' }>;
type ReconcileOperations = Extract<SessionCall, { type: 'RECONCILE_OPERATIONS' }>;

export function acknowledgeOperation(
  master: MasterState,
  framework: Framework,
  { acknowledge_operation_status: body }: AcknowledgeOperation,
): void {
  const operation = framework.operations.get(body.operation_id.value);
  if (operation === undefined || operation.status.uuid?.value !== body.uuid) return;
  framework.operations.delete(body.operation_id.value);
  const agent = master.agents.get(operation.agentId);
  if (agent === undefined) return;
  master.toAgent(agent, {
    type: 'acknowledge-operation',
    operationId: body.operation_id.value,
    uuid: body.uuid,
  });
}

/** None named: those that the framework has not acknowledged. */
export function reconcileOperations(
  master: MasterState,
  framework: Framework,
  { reconcile_operations: body }: ReconcileOperations,
): void {
  if (body.operations.length === 0) {
    for (const { status } of framework.operations.values()) tellOperation(master, framework, latest(status));
    return;
  }
  for (const { operation_id: id, agent_id: agentId } of body.operations) {
    const known = framework.operations.get(id.value);
    if (known !== undefined) {
      tellOperation(master, framework, latest(known.status));
      continue;
    }
    if (agentId !== undefined && master.recoveredAgents.has(agentId.value)) continue;
    const unknown = 'Reconciliation: Operation is unknown';
    tellOperation(master, framework, {
      operation_id: id,
      state: operationState(master, agentId?.value),
      message: agentId === undefined ? `${unknown} and no 'agent_id' was provided` : unknown,
      ...(agentId === undefined ? {} : { agent_id: agentId }),
    });
  }
}

/** Answers carry no uuid. */
function latest({ uuid: _uuid, ...status }: WireOperationStatus): WireOperationStatus {
  return { ...status, message: 'Reconciliation: Latest operation status' };
}

function operationState({ agents, registry }: MasterState, agentId: string | undefined): string {
  if (agentId === undefined || agents.has(agentId)) return 'OPERATION_UNKNOWN';
  if (registry.unreachable.has(agentId)) return 'OPERATION_UNREACHABLE';
  return registry.gone.has(agentId) ? 'OPERATION_GONE_BY_OPERATOR' : 'OPERATION_UNKNOWN';
}
