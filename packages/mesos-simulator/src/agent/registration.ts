import type { WireFrameworkInfo } from '@vibrissa/mesos/wire';
import type { AgentState } from './agent-state.ts';
import type { AgentTask, MasterToAgent } from './link.ts';
import { tellUnknownTask } from './tell-unknown-task.ts';
import { sendFront } from './update-stream.ts';

const firstRetryMs = 1000;
const lastRetryMs = 60_000;

/** A link stands: registers, at once or when the agent is ready for it. */
export function masterConnected(agent: AgentState): void {
  agent.connected = true;
  agent.registered = false;
  agent.registerRetryMs = firstRetryMs;
  const { waitsForPingTimeout, pingTimeoutMs } = agent.options;
  const waits = waitsForPingTimeout && agent.lastPingMs !== undefined;
  const atMs = Math.max(agent.readyMs, waits ? (agent.lastPingMs ?? 0) + pingTimeoutMs : 0);
  if (atMs <= agent.time.nowMs) register(agent);
  else agent.deadlines.set('register', atMs, { kind: 'register' });
}

export function masterDisconnected(agent: AgentState): void {
  agent.connected = false;
  agent.registered = false;
  agent.deadlines.delete('register');
  agent.deadlines.delete('ping-timeout');
}

/** Repeated until the master answers. */
export function register(agent: AgentState): void {
  if (!agent.connected || agent.registered) return;
  const { info } = agent.options;
  if (agent.agentId === undefined) {
    agent.toMaster({ type: 'register', agent: info });
  } else {
    agent.toMaster({
      type: 'reregister',
      agentId: agent.agentId,
      agent: info,
      resources: agent.resources,
      frameworks: [...agent.frameworks].map(([id, framework]): WireFrameworkInfo => ({
        ...framework,
        id: { value: id },
      })),
      tasks: reportedTasks(agent),
    });
  }
  agent.deadlines.set('register', agent.time.nowMs + agent.registerRetryMs, { kind: 'register' });
  agent.registerRetryMs = Math.min(lastRetryMs, agent.registerRetryMs * 2);
}

function reportedTasks(agent: AgentState): AgentTask[] {
  return [...agent.runs.values()]
    .filter(({ silent }) => !silent)
    .map(({ frameworkId, executorId, task, group, state, statuses }) => ({
      frameworkId,
      executorId,
      info: task,
      ...(group === undefined ? {} : { group: group.info }),
      latestState: state,
      statuses,
    }));
}

/** The master has taken it. What waits is sent, twice, as real agents do: by their recovery and by their re-registration. */
export function registered(
  agent: AgentState,
  message: Extract<MasterToAgent, { type: 'registered' | 'reregistered' }>,
): void {
  if (agent.registered) return;
  agent.agentId = message.agentId;
  agent.registered = true;
  agent.deadlines.delete('register');
  pinged(agent);
  if (message.type === 'registered') return;
  for (const { frameworkId, taskId, state } of message.unknownTasks) {
    const why = { message: 'Reconciliation: task unknown to the agent', reason: 'REASON_RECONCILIATION' };
    tellUnknownTask(agent, { frameworkId, taskId, state, ...why });
  }
  for (const stream of agent.streams.values()) {
    sendFront(agent, stream);
    sendFront(agent, stream);
  }
  for (const { frameworkId, status } of agent.operations.values()) {
    agent.toMaster({ type: 'operation-status', frameworkId, status });
  }
}

export function pinged(agent: AgentState): void {
  agent.lastPingMs = agent.time.nowMs;
  if (!agent.deadlines.has('ping-timeout')) waitForPing(agent);
}

/** Without pings the master must have lost it: it registers anew. */
export function pingTimeout(agent: AgentState): void {
  if (!agent.registered) return;
  if (agent.time.nowMs >= pingDeadlineMs(agent)) masterConnected(agent);
  else waitForPing(agent);
}

/** The deadline is not moved with each ping: it looks when it is due. */
function waitForPing(agent: AgentState): void {
  agent.deadlines.set('ping-timeout', pingDeadlineMs(agent), { kind: 'ping-timeout' });
}

/** One sum for both: a difference may round to less, and the deadline would be set for now, for ever. */
function pingDeadlineMs(agent: AgentState): number {
  return (agent.lastPingMs ?? 0) + agent.options.pingTimeoutMs;
}
