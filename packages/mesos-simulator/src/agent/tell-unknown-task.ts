import type { TaskState } from '@vibrissa/mesos/wire';
import { newUpdateUuid } from '../base/uuid.ts';
import { taskKey, type AgentState } from './agent-state.ts';
import { addUpdate } from './update-stream.ts';

/** About a task that the master believes to be here, and the agent has never heard of. */
export function tellUnknownTask(agent: AgentState, unknown: UnknownTask): void {
  const { frameworkId, taskId, state, message, reason } = unknown;
  const key = taskKey(frameworkId, taskId);
  if (agent.runsByTask.has(key) || agent.streams.has(key)) return;
  addUpdate(agent, frameworkId, {
    task_id: { value: taskId },
    state,
    message,
    source: 'SOURCE_AGENT',
    reason,
    agent_id: { value: agent.agentId ?? '' },
    timestamp: agent.time.epochMs / 1000,
    uuid: newUpdateUuid(agent.random),
  });
}

interface UnknownTask {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly state: TaskState;
  readonly message: string;
  readonly reason: string;
}
