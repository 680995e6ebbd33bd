import type { AgentToMaster } from '../../agent/link.ts';
import { isTerminal } from '../../base/task-states.ts';
import { recoverResources } from '../allocator/recover-resources.ts';
import { executorKey } from '../state/agent.ts';
import type { Agent } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { advanceTask } from '../tasks/advance-task.ts';
import { tellStatus } from '../tasks/master-status.ts';
import { tellOperation } from '../tasks/operation-status.ts';
import { markGone, unregisterAgent } from './lose-agent.ts';
import { registerAgent, reregisterAgent } from './register.ts';

type Update = Extract<AgentToMaster, { type: 'status-update' }>;
type ExecutorExited = Extract<AgentToMaster, { type: 'executor-exited' }>;
type OperationUpdate = Extract<AgentToMaster, { type: 'operation-status' }>;
type ExecutorMessage = Extract<AgentToMaster, { type: 'executor-message' }>;

/** What came over an agent's link. Only those that have registered over this very link are listened to. */
export function fromAgent(master: MasterState, link: string, message: AgentToMaster): void {
  if (master.phase !== 'leading') return;
  if (message.type === 'register') return registerAgent(master, link, message);
  if (message.type === 'reregister') return reregisterAgent(master, link, message);
  const agent = master.agentsByLink.get(link);
  if (agent === undefined) return;
  switch (message.type) {
    case 'pong':
      agent.missedPings = 0;
      return;
    case 'unregister':
      return unregisterAgent(master, agent);
    case 'status-update':
      return statusUpdate(master, agent, message);
    case 'executor-exited':
      return executorExited(master, agent, message);
    case 'operation-status':
      return operationUpdate(master, message);
    case 'executor-message':
      return executorMessage(master, agent, message);
  }
}

/** Forwarded when the framework listens; else the agent repeats it until somebody acknowledges. */
function statusUpdate(master: MasterState, agent: Agent, { frameworkId, status, latestState }: Update): void {
  const framework = master.frameworks.get(frameworkId);
  master.count('master/messages_status_update');
  if (framework === undefined) {
    master.toAgent(agent, { type: 'shutdown-framework', frameworkId });
    return;
  }
  const task = framework.tasks.get(status.task_id.value);
  if (framework.stream !== undefined) tellStatus(master, framework, status);
  if (task === undefined) return;
  const news = task.forwarded?.uuid !== status.uuid || task.state !== latestState;
  if (framework.stream !== undefined && status.uuid !== undefined) {
    task.forwarded = { state: status.state, uuid: status.uuid };
  }
  if (news) advanceTask(master, task, { status, latestState });
  drainedWhenEmpty(master, agent);
}

function executorExited(master: MasterState, agent: Agent, message: ExecutorExited): void {
  const { frameworkId, executorId, status } = message;
  const framework = master.frameworks.get(frameworkId);
  const key = executorKey(frameworkId, executorId);
  const executor = agent.executors.get(key);
  if (executor === undefined || framework === undefined) return;
  agent.executors.delete(key);
  recoverResources(master, { framework, agent, role: executor.role, resources: executor.resources });
  master.tell(framework, {
    type: 'FAILURE',
    failure: { agent_id: { value: agent.id }, executor_id: { value: executorId }, status },
  });
}

function operationUpdate(master: MasterState, { frameworkId, status }: OperationUpdate): void {
  const framework = master.frameworks.get(frameworkId);
  const id = status.operation_id?.value;
  if (framework === undefined || id === undefined) return;
  const known = framework.operations.get(id);
  if (known !== undefined) known.status = status;
  tellOperation(master, framework, status);
}

function executorMessage(master: MasterState, agent: Agent, message: ExecutorMessage): void {
  const framework = master.frameworks.get(message.frameworkId);
  if (framework === undefined) return;
  const { executorId, data } = message;
  master.tell(framework, {
    type: 'MESSAGE',
    message: { agent_id: { value: agent.id }, executor_id: { value: executorId }, data },
  });
}

/** A drain is over with the last task; then the agent may be marked gone. */
function drainedWhenEmpty(master: MasterState, agent: Agent): void {
  if (agent.drain?.state !== 'DRAINING') return;
  for (const tasks of agent.tasks.values()) {
    for (const { state } of tasks.values()) if (!isTerminal(state)) return;
  }
  agent.drain.state = 'DRAINED';
  if (agent.drain.config.mark_gone === true) markGone(master, agent);
}
