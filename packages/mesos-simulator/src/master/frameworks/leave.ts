import { isTerminal } from '../../base/task-states.ts';
import {
  clearFilters,
  recoverResources,
  removeInverseOffer,
  removeOffersOf,
} from '../allocator/recover-resources.ts';
import type { Agent, Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { advanceTask } from '../tasks/advance-task.ts';
import { masterStatus } from '../tasks/master-status.ts';
import { removeTask } from '../tasks/remove-task.ts';
import { updateDemand } from './demand.ts';

/** The stream has broken: the framework has its failover timeout to come back. */
export function disconnectFramework(master: MasterState, framework: Framework): void {
  if (framework.stream === undefined) return;
  master.streams.delete(framework.stream.number);
  framework.stream = undefined;
  framework.unregisteredMs = master.time.epochMs;
  master.deadlines.delete(`heartbeat:${framework.id}`);
  removeOffersOf(master, framework, { rescind: false });
  for (const inverse of framework.inverseOffers) removeInverseOffer(master, inverse, { rescind: false });
  clearFilters(framework, framework.roles);
  framework.inverseFilters.clear();
  updateDemand(master, framework);
  const timeoutMs = Math.max(0, framework.info.failover_timeout ?? 0) * 1000;
  if (timeoutMs === 0) removeFramework(master, framework);
  else {
    const atMs = master.time.nowMs + timeoutMs;
    master.deadlines.set(`failover:${framework.id}`, atMs, { kind: 'failover', framework });
  }
}

/** TEARDOWN, or the failover timeout has passed: its tasks are killed, its id is dead while this master lives. */
export function removeFramework(master: MasterState, framework: Framework): void {
  const stream = framework.stream?.number;
  removeOffersOf(master, framework, { rescind: false });
  for (const inverse of framework.inverseOffers) removeInverseOffer(master, inverse, { rescind: false });
  framework.stream = undefined;
  framework.unregisteredMs ??= master.time.epochMs;
  updateDemand(master, framework);
  shutDown(master, framework);
  for (const name of ['heartbeat', 'failover']) master.deadlines.delete(`${name}:${framework.id}`);
  master.frameworks.delete(framework.id);
  remember(master, framework);
  if (stream !== undefined) {
    master.streams.delete(stream);
    master.emit({ type: 'end-stream', stream });
  }
  master.tellOperators({
    type: 'FRAMEWORK_REMOVED',
    framework_removed: { framework_info: framework.info },
  });
}

/** The master takes the tasks for killed at once, before the agents have killed them. */
function shutDown(master: MasterState, framework: Framework): void {
  const agentIds = new Set<string>();
  for (const task of framework.tasks.values()) {
    agentIds.add(task.agentId);
    if (!isTerminal(task.state)) {
      const status = masterStatus(master, {
        taskId: task.id,
        agentId: task.agentId,
        state: 'TASK_KILLED',
        message: `Framework ${framework.id} removed`,
        reason: 'REASON_FRAMEWORK_REMOVED',
      });
      advanceTask(master, task, { status, latestState: status.state });
    }
    removeTask(master, task);
  }
  for (const agent of executorHosts(master, framework)) {
    agentIds.add(agent.id);
    for (const [key, executor] of agent.executors) {
      if (executor.frameworkId !== framework.id) continue;
      agent.executors.delete(key);
      recoverResources(master, { framework, agent, role: executor.role, resources: executor.resources });
    }
  }
  for (const agentId of agentIds) {
    const agent = master.agents.get(agentId);
    if (agent !== undefined) {
      master.toAgent(agent, { type: 'shutdown-framework', frameworkId: framework.id });
    }
  }
}

/** Agents on which an executor of the framework may still be, though its tasks have ended. */
function executorHosts(master: MasterState, framework: Framework): readonly Agent[] {
  return [...framework.executorAgents].flatMap((agentId) => {
    const agent = master.agents.get(agentId);
    return agent === undefined ? [] : [agent];
  });
}

function remember(master: MasterState, framework: Framework): void {
  const { completedFrameworks, options } = master;
  completedFrameworks.set(framework.id, framework);
  for (const oldest of completedFrameworks.keys()) {
    if (completedFrameworks.size <= options.maxCompletedFrameworks) break;
    completedFrameworks.delete(oldest);
  }
}
