import type { TaskState } from '@vibrissa/mesos/wire';
import { isTerminal } from '../../base/task-states.ts';
import { removeInverseOffer, removeOffer } from '../allocator/recover-resources.ts';
import type { Agent, Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { recordStatus, type Task } from '../state/task.ts';
import { advanceTask } from '../tasks/advance-task.ts';
import { masterStatus, stateFor, tellStatus } from '../tasks/master-status.ts';
import { removeTask } from '../tasks/remove-task.ts';

/**
 * The agent's connection is gone: its offers are rescinded at once, tasks of frameworks that don't checkpoint are lost.
 * The others have until the pings give up.
 */
export function disconnectAgent(master: MasterState, agent: Agent): void {
  if (agent.link !== undefined) master.agentsByLink.delete(agent.link);
  agent.link = undefined;
  rescindOffers(master, agent);
  for (const [frameworkId, tasks] of agent.tasks) {
    const framework = master.frameworks.get(frameworkId);
    if (framework === undefined || framework.info.checkpoint === true) continue;
    for (const task of tasks.values()) {
      loseTask(master, task, {
        framework,
        state: 'TASK_LOST',
        message: `Agent ${agent.info.hostname} disconnected`,
        reason: 'REASON_AGENT_DISCONNECTED',
      });
    }
  }
}

/** The pings have given up. Tasks may run on: they are kept as unreachable, and are back when the agent is. */
export function markUnreachable(master: MasterState, agent: Agent): void {
  const nanoseconds = Math.round(master.time.epochMs * 1e6);
  for (const task of tasksOf(agent)) {
    const framework = master.frameworks.get(task.frameworkId);
    if (framework === undefined || isTerminal(task.state)) {
      removeTask(master, task);
      continue;
    }
    loseSight(master, { task, framework, nanoseconds });
  }
  rescindOffers(master, agent);
  master.registry.unreachable.set(agent.id, nanoseconds);
  removeAgent(master, agent);
}

function loseSight(
  master: MasterState,
  lost: { readonly task: Task; readonly framework: Framework; readonly nanoseconds: number },
): void {
  const { task, framework } = lost;
  const status = masterStatus(master, {
    taskId: task.id,
    agentId: task.agentId,
    state: stateFor(framework, 'TASK_UNREACHABLE'),
    message: 'health check timed out',
    reason: 'REASON_AGENT_REMOVED',
    unreachableTime: { nanoseconds: lost.nanoseconds },
  });
  task.state = status.state;
  recordStatus(task, status);
  master.shares.free(task.role, framework.id, task.resources);
  framework.tasks.delete(task.id);
  framework.unreachableTasks.set(task.id, task);
  for (const oldest of framework.unreachableTasks.keys()) {
    if (framework.unreachableTasks.size <= master.options.maxCompletedTasks) break;
    framework.unreachableTasks.delete(oldest);
  }
  tellStatus(master, framework, status);
}

/** It said goodbye: all its tasks are lost, for every framework. */
export function unregisterAgent(master: MasterState, agent: Agent): void {
  const message = `Agent ${agent.info.hostname} removed: the agent unregistered`;
  endAll(master, agent, { state: () => 'TASK_LOST', message, reason: 'REASON_AGENT_REMOVED' });
}

/** The operator's word: it will not come back, and is sent away when it does. */
export function markGone(master: MasterState, agent: Agent): void {
  master.registry.gone.add(agent.id);
  endAll(master, agent, {
    state: (framework) => stateFor(framework, 'TASK_GONE_BY_OPERATOR'),
    message: 'Agent has been marked gone',
    reason: 'REASON_AGENT_REMOVED_BY_OPERATOR',
    farewell: 'Agent has been marked gone',
  });
}

function endAll(
  master: MasterState,
  agent: Agent,
  end: {
    readonly state: (framework: Framework) => TaskState;
    readonly message: string;
    readonly reason: string;
    readonly farewell?: string;
  },
): void {
  for (const task of tasksOf(agent)) {
    const framework = master.frameworks.get(task.frameworkId);
    if (framework === undefined) continue;
    const { message, reason } = end;
    loseTask(master, task, { framework, state: end.state(framework), message, reason });
  }
  rescindOffers(master, agent);
  if (end.farewell !== undefined) master.toAgent(agent, { type: 'shutdown', message: end.farewell });
  removeAgent(master, agent);
}

interface Loss {
  readonly framework: Framework;
  readonly state: TaskState;
  readonly message: string;
  readonly reason: string;
}

/** Nobody acknowledges these: the task is forgotten at once. */
function loseTask(master: MasterState, task: Task, { framework, state, message, reason }: Loss): void {
  if (!isTerminal(task.state)) {
    const word = { taskId: task.id, agentId: task.agentId, state, message, reason };
    const status = masterStatus(master, word);
    advanceTask(master, task, { status, latestState: state });
    tellStatus(master, framework, status);
  }
  removeTask(master, task);
}

/** Every framework is told of a lost agent, whether it had something there or not. */
function removeAgent(master: MasterState, agent: Agent): void {
  if (agent.link !== undefined) master.agentsByLink.delete(agent.link);
  agent.link = undefined;
  master.agents.delete(agent.id);
  master.candidates.delete(agent);
  master.deadlines.delete(`ping:${agent.id}`);
  master.registry.admitted.delete(agent.id);
  master.shares.addToCluster(agent.total, -1);
  for (const executor of agent.executors.values()) {
    master.shares.free(executor.role, executor.frameworkId, executor.resources);
    master.frameworks.get(executor.frameworkId)?.executorAgents.delete(agent.id);
  }
  for (const framework of master.frameworks.values()) {
    for (const agents of framework.filters.values()) agents.delete(agent.id);
    master.tell(framework, { type: 'FAILURE', failure: { agent_id: { value: agent.id } } });
  }
  master.tellOperators({ type: 'AGENT_REMOVED', agent_removed: { agent_id: { value: agent.id } } });
}

export function rescindOffers(master: MasterState, agent: Agent): void {
  for (const offer of agent.offers) removeOffer(master, offer, { rescind: true });
  for (const inverse of agent.inverseOffers.values()) {
    removeInverseOffer(master, inverse, { rescind: true });
  }
}

function tasksOf(agent: Agent): Task[] {
  return [...agent.tasks.values()].flatMap((tasks) => [...tasks.values()]);
}
