import { newUpdateUuid } from '../base/uuid.ts';
import { taskKey, type AgentState } from './agent-state.ts';
import { endRun, forgetRun } from './end-run.ts';
import { killRun, ownGraceMs, terminate } from './kill-run.ts';
import type { MasterToAgent } from './link.ts';
import { pinged, registered } from './registration.ts';
import type { Run } from './run.ts';
import { startGroup, startTask } from './start-run.ts';
import { tellUnknownTask } from './tell-unknown-task.ts';
import { acknowledgeUpdate, removeStream, sendFront } from './update-stream.ts';

type Message<Type extends MasterToAgent['type']> = Extract<MasterToAgent, { type: Type }>;

export function fromMaster(agent: AgentState, message: MasterToAgent): void {
  switch (message.type) {
    case 'registered':
    case 'reregistered':
      return registered(agent, message);
    case 'ping':
      pinged(agent);
      return agent.toMaster({ type: 'pong' });
    case 'shutdown':
      return shutDown(agent, message.message);
    default:
  }
  // What an old master sent to an agent that is registering with a new one.
  if (!agent.registered) return;
  switch (message.type) {
    case 'run-task':
      return startTask(agent, message);
    case 'run-task-group':
      return startGroup(agent, message);
    case 'kill-task':
      return killTask(agent, message);
    case 'acknowledge':
      return acknowledge(agent, message);
    case 'framework-updated':
      return frameworkUpdated(agent, message);
    case 'shutdown-framework':
      return shutDownFramework(agent, message.frameworkId);
    case 'shutdown-executor':
      return shutDownExecutor(agent, message);
    case 'executor-message':
      return agent.emit({ type: 'executor-message', executorId: message.executorId, data: message.data });
    case 'drain':
      return drain(agent, message);
    case 'apply-operation':
      return applyOperation(agent, message);
    case 'acknowledge-operation':
      return acknowledgeOperation(agent, message);
  }
}

/** SIGKILL to all, and the end of the agent's process. */
export function exitAgent(agent: AgentState, reason: string): void {
  for (const run of agent.runs.values()) {
    if (run.phase === 'ended') continue;
    agent.emit({ type: 'signal-container', containerId: run.containerId, signal: 'SIGKILL' });
  }
  agent.runs.clear();
  agent.runsByTask.clear();
  agent.executors.clear();
  agent.streams.clear();
  agent.exited = true;
  agent.emit({ type: 'exit', reason });
}

/** What it was is forgotten, too: started again it is a new agent. */
function shutDown(agent: AgentState, reason: string): void {
  agent.agentId = undefined;
  agent.resources = agent.options.info.resources;
  exitAgent(agent, reason);
}

/** The order to run it may never have arrived: an agent answers a KILL of what it doesn't know by its end. */
function killTask(agent: AgentState, { frameworkId, taskId, graceMs }: Message<'kill-task'>): void {
  const run = agent.runsByTask.get(taskKey(frameworkId, taskId));
  if (run !== undefined) return killRun(agent, run, { graceMs });
  const capabilities = agent.frameworks.get(frameworkId)?.capabilities ?? [];
  const isLost = capabilities.length > 0 && !capabilities.some(({ type }) => type === 'PARTITION_AWARE');
  tellUnknownTask(agent, {
    frameworkId,
    taskId,
    state: isLost ? 'TASK_LOST' : 'TASK_DROPPED',
    message: 'Cannot find executor',
    reason: 'REASON_EXECUTOR_TERMINATED',
  });
}

function acknowledge(agent: AgentState, message: Message<'acknowledge'>): void {
  const isDone = acknowledgeUpdate(agent, message);
  if (!isDone) return;
  const run = agent.runsByTask.get(taskKey(message.frameworkId, message.taskId));
  if (run?.phase === 'ended') forgetRun(agent, run);
}

function frameworkUpdated(agent: AgentState, { frameworkId, framework }: Message<'framework-updated'>): void {
  if (!agent.frameworks.has(frameworkId)) return;
  agent.frameworks.set(frameworkId, framework);
  for (const run of agent.runs.values()) {
    const stream = agent.streams.get(taskKey(frameworkId, run.task.task_id.value));
    if (run.frameworkId === frameworkId && stream !== undefined) sendFront(agent, stream);
  }
}

/** Nobody wants to hear of its tasks any more: they end in silence. */
function shutDownFramework(agent: AgentState, frameworkId: string): void {
  agent.frameworks.delete(frameworkId);
  for (const stream of agent.streams.values()) {
    if (stream.frameworkId === frameworkId) removeStream(agent, stream);
  }
  for (const run of agent.runs.values()) {
    if (run.frameworkId === frameworkId) silence(agent, run);
  }
}

function silence(agent: AgentState, run: Run): void {
  run.silent = true;
  if (run.phase === 'ended') {
    forgetRun(agent, run);
  } else if (run.phase === 'launching') {
    agent.emit({ type: 'signal-container', containerId: run.containerId, signal: 'SIGKILL' });
    endRun(agent, run, { state: 'TASK_KILLED' });
  } else if (run.killing === undefined) {
    const untilMs = agent.time.nowMs + ownGraceMs(run);
    run.killing = { untilMs, reason: undefined, byHealthCheck: false };
    terminate(agent, run, untilMs);
  }
}

/** Of a group: all its tasks; else the executor is the task's own. */
function shutDownExecutor(
  agent: AgentState,
  { frameworkId, executorId }: Message<'shutdown-executor'>,
): void {
  const key = taskKey(frameworkId, executorId);
  const own = agent.runsByTask.get(key);
  const runs = agent.executors.get(key)?.runs ?? (own === undefined ? [] : [own]);
  for (const run of runs) killRun(agent, run, { alone: true });
}

function drain(agent: AgentState, { maxGraceMs }: Message<'drain'>): void {
  for (const run of agent.runs.values()) {
    const graceMs = maxGraceMs === undefined ? undefined : Math.min(maxGraceMs, ownGraceMs(run));
    killRun(agent, run, { graceMs, reason: 'REASON_AGENT_DRAINING', alone: true });
  }
}

const operationRetryMs = 10_000;

/** Feedback is given for operations with an id. */
function applyOperation(agent: AgentState, message: Message<'apply-operation'>): void {
  const { frameworkId, operationId, resources } = message;
  agent.resources = resources;
  if (operationId === undefined) return;
  const status = {
    operation_id: { value: operationId },
    state: 'OPERATION_FINISHED',
    uuid: { value: newUpdateUuid(agent.random) },
    agent_id: { value: agent.agentId ?? '' },
  };
  agent.operations.set(operationId, { frameworkId, status, retryMs: operationRetryMs });
  tellOperation(agent, operationId);
}

/** Repeated as status updates are. */
export function tellOperation(agent: AgentState, operationId: string): void {
  const operation = agent.operations.get(operationId);
  if (operation === undefined) return;
  const { frameworkId, status } = operation;
  if (agent.registered) agent.toMaster({ type: 'operation-status', frameworkId, status });
  const deadline = { kind: 'retry-operation' as const, operationId };
  agent.deadlines.set(`operation:${operationId}`, agent.time.nowMs + operation.retryMs, deadline);
  operation.retryMs = Math.min(600_000, operation.retryMs * 2);
}

function acknowledgeOperation(
  agent: AgentState,
  { operationId, uuid }: Message<'acknowledge-operation'>,
): void {
  if (agent.operations.get(operationId)?.status.uuid?.value !== uuid) return;
  agent.operations.delete(operationId);
  agent.deadlines.delete(`operation:${operationId}`);
}
