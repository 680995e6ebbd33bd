import type { WireFrameworkInfo, WireTaskInfo } from '@vibrissa/mesos/wire';
import { newUuid } from '../base/uuid.ts';
import { taskKey, type AgentState } from './agent-state.ts';
import type { MasterToAgent } from './link.ts';
import type { GroupExecutor, Run, WireCheck } from './run.ts';

type RunTask = Extract<MasterToAgent, { type: 'run-task' }>;
type RunTaskGroup = Extract<MasterToAgent, { type: 'run-task-group' }>;

/** A task with the built-in command or Docker executor: the executor has the task's id. */
export function startTask(agent: AgentState, { framework, frameworkId, task }: RunTask): void {
  agent.frameworks.set(frameworkId, framework);
  if (agent.runsByTask.has(taskKey(frameworkId, task.task_id.value))) return;
  start(agent, framework, newRun(agent, { frameworkId, framework, task, group: undefined }));
}

export function startGroup(
  agent: AgentState,
  { framework, frameworkId, executor, tasks }: RunTaskGroup,
): void {
  agent.frameworks.set(frameworkId, framework);
  const key = taskKey(frameworkId, executor.executor_id.value);
  let group = agent.executors.get(key);
  if (group === undefined) {
    group = { info: executor, frameworkId, containerId: newUuid(agent.random), runs: new Set() };
    agent.executors.set(key, group);
  }
  agent.deadlines.delete(`executor:${key}`);
  for (const task of tasks) {
    if (agent.runsByTask.has(taskKey(frameworkId, task.task_id.value))) continue;
    const run = newRun(agent, { frameworkId, framework, task, group });
    group.runs.add(run);
    start(agent, framework, run);
  }
}

interface Order {
  readonly frameworkId: string;
  readonly framework: WireFrameworkInfo;
  readonly task: WireTaskInfo;
  readonly group: GroupExecutor | undefined;
}

function newRun(agent: AgentState, { frameworkId, framework, task, group }: Order): Run {
  const check = task.check as WireCheck | undefined;
  const docker = task.container?.type === 'DOCKER';
  return {
    containerId: newUuid(agent.random),
    frameworkId,
    task,
    executorId: group === undefined ? task.task_id.value : group.info.executor_id.value,
    group,
    kind: group !== undefined ? 'group' : docker ? 'docker' : 'command',
    checkpoint: framework.checkpoint ?? false,
    phase: 'launching',
    state: 'TASK_STAGING',
    statuses: [],
    executorPid: undefined,
    networkInfos: undefined,
    killing: undefined,
    overtime: false,
    silent: false,
    health:
      task.health_check === undefined ? undefined : { probe: 0, failures: 0, initializing: true, sinceMs: 0 },
    check:
      check === undefined
        ? undefined
        : { probe: 0, status: { type: check.type, [check.type.toLowerCase()]: {} } },
  };
}

function start(agent: AgentState, framework: WireFrameworkInfo, run: Run): void {
  const { containerId, frameworkId, task, executorId, group, kind, checkpoint } = run;
  agent.runs.set(containerId, run);
  agent.runsByTask.set(taskKey(frameworkId, task.task_id.value), run);
  agent.emit({
    type: 'launch-container',
    container: {
      containerId,
      ...(group === undefined ? {} : { parentId: group.containerId }),
      kind,
      agentId: agent.agentId ?? '',
      frameworkId,
      executorId,
      task,
      user: task.command?.user ?? framework.user,
      checkpoint,
    },
  });
}
