import type { TaskState, WireTaskStatus } from '@vibrissa/mesos/wire';
import { taskKey, type AgentState } from './agent-state.ts';
import type { UpdateStream } from './run.ts';

const firstRetryMs = 10_000;
const lastRetryMs = 600_000;

export function addUpdate(agent: AgentState, frameworkId: string, status: WireTaskStatus): void {
  const taskId = status.task_id.value;
  const key = taskKey(frameworkId, taskId);
  let stream = agent.streams.get(key);
  if (stream === undefined) {
    stream = { frameworkId, taskId, queue: [], retryMs: firstRetryMs };
    agent.streams.set(key, stream);
  }
  stream.queue = [...stream.queue, status];
  if (stream.queue.length === 1) sendFront(agent, stream);
}

/** Only the uuid of the front one counts. True when nothing is left to be told of the task. */
export function acknowledgeUpdate(
  agent: AgentState,
  acknowledged: { readonly frameworkId: string; readonly taskId: string; readonly uuid: string },
): boolean {
  const stream = agent.streams.get(taskKey(acknowledged.frameworkId, acknowledged.taskId));
  if (stream === undefined || stream.queue[0]?.uuid !== acknowledged.uuid) return false;
  stream.queue = stream.queue.slice(1);
  stream.retryMs = firstRetryMs;
  if (stream.queue.length > 0) {
    sendFront(agent, stream);
    return false;
  }
  removeStream(agent, stream);
  return true;
}

export function removeStream(agent: AgentState, stream: UpdateStream): void {
  const key = taskKey(stream.frameworkId, stream.taskId);
  agent.streams.delete(key);
  agent.deadlines.delete(`retry:${key}`);
}

/** The next repetition comes after 10 s, 20 s, … 10 min. */
export function retryFront(agent: AgentState, stream: UpdateStream): void {
  stream.retryMs = Math.min(lastRetryMs, stream.retryMs * 2);
  sendFront(agent, stream);
}

/** Held back while no master has taken the agent; then everything in front is sent. */
export function sendFront(agent: AgentState, stream: UpdateStream): void {
  const front = stream.queue[0];
  if (front === undefined || !agent.registered) return;
  const latestState: TaskState = stream.queue.at(-1)?.state ?? front.state;
  agent.toMaster({ type: 'status-update', frameworkId: stream.frameworkId, status: front, latestState });
  const name = `retry:${taskKey(stream.frameworkId, stream.taskId)}`;
  agent.deadlines.set(name, agent.time.nowMs + stream.retryMs, { kind: 'retry', stream });
}
