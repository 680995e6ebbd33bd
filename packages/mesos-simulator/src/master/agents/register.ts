import type { TaskState } from '@vibrissa/mesos/wire';
import type { AgentToMaster } from '../../agent/link.ts';
import { recoverResources } from '../allocator/recover-resources.ts';
import { executorKey, newAgent } from '../state/agent.ts';
import type { Agent } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import type { Task } from '../state/task.ts';
import { masterStatus, stateFor, tellStatus } from '../tasks/master-status.ts';
import { addReportedTasks } from './reported-tasks.ts';
import { unavailabilityOf } from './maintenance.ts';
import { Resources } from '../resources/resources.ts';
import { allocate, scheduleAllocation } from '../allocator/allocate.ts';

type Register = Extract<AgentToMaster, { type: 'register' }>;
type Reregister = Extract<AgentToMaster, { type: 'reregister' }>;

/** An agent without an id of its own. A second request over the same link is a repetition. */
export function registerAgent(master: MasterState, link: string, message: Register): void {
  const known = master.agentsByLink.get(link);
  if (known !== undefined) {
    master.toAgent(known, { type: 'registered', agentId: known.id });
    return;
  }
  const agent = newAgent(master.newAgentId(), message.agent, master.time.epochMs);
  admit(master, agent, link);
  master.toAgent(agent, { type: 'registered', agentId: agent.id });
  offerNewAgent(master, agent);
}

/**
 * An agent that is back. What frameworks hear depends on what the master thought: of an agent that was only
 * disconnected, or that this master has in its registry since its start, nothing; of one that was unreachable or
 * unknown, the states of its tasks.
 */
export function reregisterAgent(master: MasterState, link: string, message: Reregister): void {
  const { agentId, agent: info } = message;
  if (master.registry.gone.has(agentId)) {
    master.emit({
      type: 'to-agent',
      link,
      message: { type: 'shutdown', message: 'Agent has been marked gone' },
    });
    return;
  }
  const known = master.agents.get(agentId);
  if (known !== undefined) {
    welcomeBack(master, known, { link, message });
    return;
  }
  const wasUnreachable = master.registry.unreachable.delete(agentId);
  const wasRecovered = master.recoveredAgents.delete(agentId);
  const agent = newAgent(agentId, info, master.time.epochMs);
  agent.total = Resources.of(message.resources);
  agent.available = agent.total;
  admit(master, agent, link);
  const tasks = addReportedTasks(master, agent, message);
  master.toAgent(agent, { type: 'reregistered', agentId, unknownTasks: [] });
  if (wasUnreachable || !wasRecovered) {
    tellTasks(
      master,
      tasks,
      wasUnreachable ? 'Unreachable agent re-reregistered' : 'Unknown agent reregistered',
    );
  }
  offerNewAgent(master, agent);
}

function admit(master: MasterState, agent: Agent, link: string): void {
  master.agents.set(agent.id, agent);
  master.registry.admitted.set(agent.id, agent.info);
  agent.deactivated = master.registry.deactivated.has(agent.id);
  agent.unavailability = unavailabilityOf(master, agent.info);
  master.shares.addToCluster(agent.total, 1);
  master.count('master/slave_registrations');
  master.candidates.resourcesChanged(agent);
  connect(master, agent, link);
  master.tellOperators({
    type: 'AGENT_ADDED',
    agent_added: { agent: { agent_info: { hostname: agent.info.hostname, id: { value: agent.id } } } },
  });
}

/** At once, without a look at the others. */
function offerNewAgent(master: MasterState, agent: Agent): void {
  master.candidates.add(agent);
  allocate(master);
}

function connect(master: MasterState, agent: Agent, link: string): void {
  if (agent.link !== undefined) master.agentsByLink.delete(agent.link);
  agent.link = link;
  agent.missedPings = 0;
  master.agentsByLink.set(link, agent);
  // Spread over the interval, so that ten thousand agents are not pinged in one moment.
  const firstMs = master.time.nowMs + master.random.next() * master.options.agentPingTimeoutMs;
  if (!master.deadlines.has(`ping:${agent.id}`)) {
    master.deadlines.set(`ping:${agent.id}`, firstMs, { kind: 'ping', agent });
  }
}

function welcomeBack(
  master: MasterState,
  agent: Agent,
  { link, message }: { readonly link: string; readonly message: Reregister },
): void {
  agent.info = message.agent;
  agent.reregisteredMs = master.time.epochMs;
  connect(master, agent, link);
  const reported = new Set(
    message.tasks.map(({ frameworkId, info }) => `${frameworkId}\n${info.task_id.value}`),
  );
  const unknownTasks = [...agent.tasks.values()]
    .flatMap((tasks) => [...tasks.values()])
    // Also one that has ended: the agent that told so may have forgotten it when it was killed.
    .filter((task) => !reported.has(`${task.frameworkId}\n${task.id}`))
    .map(({ frameworkId, id }) => ({ frameworkId, taskId: id, state: droppedFor(master, frameworkId) }));
  master.toAgent(agent, { type: 'reregistered', agentId: agent.id, unknownTasks });
  for (const frameworkId of new Set(message.tasks.map((task) => task.frameworkId))) {
    if (master.completedFrameworks.has(frameworkId)) {
      master.toAgent(agent, { type: 'shutdown-framework', frameworkId });
    }
  }
  forgetExecutors(master, agent, message);
  for (const { frameworkId, taskId } of agent.pendingKills.values()) {
    master.toAgent(agent, { type: 'kill-task', frameworkId, taskId });
  }
  agent.pendingKills.clear();
  if (agent.drain !== undefined) master.toAgent(agent, { type: 'drain', ...graceOf(agent) });
  master.candidates.add(agent);
  scheduleAllocation(master);
}

function droppedFor(master: MasterState, frameworkId: string): TaskState {
  const framework = master.frameworks.get(frameworkId);
  return framework === undefined ? 'TASK_LOST' : stateFor(framework, 'TASK_DROPPED');
}

/** Of groups that have ended while the agent was away. */
function forgetExecutors(master: MasterState, agent: Agent, message: Reregister): void {
  const reported = new Set(
    message.tasks.map(({ frameworkId, group }) => executorKey(frameworkId, group?.executor_id.value ?? '')),
  );
  for (const [key, { frameworkId, role, resources }] of agent.executors) {
    const framework = master.frameworks.get(frameworkId);
    if (reported.has(key) || framework === undefined) continue;
    agent.executors.delete(key);
    recoverResources(master, { framework, agent, role, resources });
  }
}

/** Of a drain's configuration. */
export function graceOf({ drain }: Agent): { readonly maxGraceMs?: number } {
  const grace = drain?.config.max_grace_period?.nanoseconds;
  return grace === undefined ? {} : { maxGraceMs: grace / 1e6 };
}

function tellTasks(master: MasterState, tasks: readonly Task[], message: string): void {
  for (const task of tasks) {
    const framework = master.frameworks.get(task.frameworkId);
    if (framework === undefined) continue;
    const status = masterStatus(master, {
      taskId: task.id,
      agentId: task.agentId,
      executorId: task.executorId,
      state: task.state,
      message,
      reason: 'REASON_AGENT_REREGISTERED',
      last: task.statuses.at(-1),
    });
    tellStatus(master, framework, status);
  }
}
