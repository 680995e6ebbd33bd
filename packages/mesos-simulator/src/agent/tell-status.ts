import type { TaskState, WireContainerStatus, WireResource, WireTaskStatus } from '@vibrissa/mesos/wire';
import { newUpdateUuid } from '../base/uuid.ts';
import type { AgentState } from './agent-state.ts';
import type { Run } from './run.ts';
import { addUpdate } from './update-stream.ts';

/** What is new of a task. */
export interface News {
  readonly state: TaskState;
  readonly message?: string;
  readonly reason?: string | undefined;
  readonly healthy?: boolean;
  readonly data?: string | undefined;
  readonly limitation?: readonly WireResource[] | undefined;
  /** The agent's own word: about a task whose executor can't speak. */
  readonly byAgent?: boolean;
}

/** Makes a status of it, to be sent until it is acknowledged. Fields are in the order of Mesos's messages. */
export function tellStatus(agent: AgentState, run: Run, news: News): void {
  run.state = news.state;
  if (run.silent) return;
  const status = statusOf(agent, run, news);
  const { statuses } = run;
  run.statuses = [...(statuses.at(-1)?.state === news.state ? statuses.slice(0, -1) : statuses), status];
  addUpdate(agent, run.frameworkId, status);
}

type Writable<Fields> = { -readonly [Name in keyof Fields]: Fields[Name] };

function statusOf(agent: AgentState, run: Run, news: News): WireTaskStatus {
  const { message, reason, healthy, data, limitation } = news;
  const byAgent = news.byAgent === true;
  const status: Writable<WireTaskStatus> = { task_id: run.task.task_id, state: news.state };
  if (message !== undefined) status.message = message;
  status.source = byAgent ? 'SOURCE_AGENT' : 'SOURCE_EXECUTOR';
  if (reason !== undefined) status.reason = reason;
  if (data !== undefined) status.data = data;
  status.agent_id = { value: agent.agentId ?? '' };
  status.executor_id = { value: run.executorId };
  status.timestamp = agent.time.epochMs / 1000;
  status.uuid = newUpdateUuid(agent.random);
  if (healthy !== undefined) status.healthy = healthy;
  if (!byAgent && run.check !== undefined) status.check_status = run.check.status;
  if (!byAgent) status.container_status = containerStatus(agent, run, news.state);
  if (limitation !== undefined) status.limitation = { resources: limitation };
  return status;
}

/** Nested containers are asked about: before their start and after their end there is just the id. */
function containerStatus(agent: AgentState, run: Run, state: TaskState): WireContainerStatus {
  const { containerId: value, group, networkInfos, executorPid } = run;
  const ip = [{ protocol: 'IPv4' as const, ip_address: agent.options.info.ip }];
  if (group !== undefined) {
    const id = { container_id: { value, parent: { value: group.containerId } } };
    if (state !== 'TASK_RUNNING' && state !== 'TASK_KILLING') return id;
    return {
      ...id,
      network_infos: networkInfos ?? [{ ip_addresses: ip }],
      ...(executorPid === undefined ? {} : { executor_pid: executorPid }),
    };
  }
  return {
    container_id: { value },
    network_infos: networkInfos ?? [{ ip_addresses: ip }],
    ...(executorPid === undefined || run.kind === 'docker' ? {} : { executor_pid: executorPid }),
  };
}
