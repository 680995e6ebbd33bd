import type { WireExecutorInfo, WireOperation, WireTaskInfo } from '@vibrissa/mesos/wire';
import { Resources } from '../resources/resources.ts';
import { executorKey } from '../state/agent.ts';
import type { MasterState } from '../state/master-state.ts';
import type { Task } from '../state/task.ts';
import { masterStatus, tellStatus } from './master-status.ts';
import { renderTask } from './render-task.ts';
import { addTask } from './remove-task.ts';
import { invalidGroup } from './validate-group.ts';
import { invalidTask, type LaunchPlace } from './validate-task.ts';

/** What is left of the offers, while the operations of an ACCEPT take it. */
export interface Launching extends LaunchPlace {
  available: Resources;
  /** What operations have made of it. */
  converted: Resources;
}

/** The body may be missing: then nothing is launched. */
export type Launch = Extract<WireOperation, { type: 'LAUNCH' }>;
export type LaunchGroup = Extract<WireOperation, { type: 'LAUNCH_GROUP' }>;

/** One after the other: those before an invalid one run. */
export function launchTasks(master: MasterState, launching: Launching, operation: Launch): void {
  const infos = (operation as Partial<Launch>).launch?.task_infos ?? [];
  for (const info of infos) {
    const wrong = feedbackWanted(operation) ?? invalidTask(info, launching);
    if (wrong !== undefined) {
      refuseTask(master, launching, { info, wrong, reason: 'REASON_TASK_INVALID' });
      continue;
    }
    const task = startTask(master, launching, info);
    const { framework, agent } = launching;
    master.toAgent(agent, {
      type: 'run-task',
      framework: framework.info,
      frameworkId: framework.id,
      task: task.info,
    });
  }
}

/** All or none; a group of no tasks is nothing. */
export function launchGroup(master: MasterState, launching: Launching, operation: LaunchGroup): void {
  const body = (operation as Partial<LaunchGroup>).launch_group;
  if (body === undefined || body.task_group.tasks.length === 0) return;
  const executor = allocated(body.executor, launching.role);
  const { tasks } = body.task_group;
  const wrong = feedbackWanted(operation) ?? invalidGroup({ executor, tasks }, launching);
  if (wrong !== undefined) {
    for (const info of tasks) {
      refuseTask(master, launching, { info, wrong, reason: 'REASON_TASK_GROUP_INVALID' });
    }
    return;
  }
  startExecutor(launching, executor);
  const { framework, agent } = launching;
  const started = tasks.map((info) => startTask(master, launching, { ...info, executor }));
  master.toAgent(agent, {
    type: 'run-task-group',
    framework: framework.info,
    frameworkId: framework.id,
    executor,
    tasks: started.map(({ info }) => info),
  });
}

function feedbackWanted(operation: object): string | undefined {
  return !('id' in operation)
    ? undefined
    : "The 'id' field was set in a launch operation, but operation feedback is not supported for it";
}

/** What a framework takes of an offer is allocated to the offer's role, also when it doesn't say so. */
function allocated<Info extends WireTaskInfo | WireExecutorInfo>(info: Info, role: string): Info {
  const resources = info.resources?.map((resource) => ({ ...resource, allocation_info: { role } }));
  return resources === undefined ? info : { ...info, resources };
}

function startTask(master: MasterState, launching: Launching, info: WireTaskInfo): Task {
  const { framework, agent, role } = launching;
  const resources = Resources.of(info.resources);
  launching.available = launching.available.subtract(resources);
  const task: Task = {
    id: info.task_id.value,
    frameworkId: framework.id,
    agentId: agent.id,
    role,
    info: allocated(info, role),
    resources,
    ...(info.executor === undefined ? {} : { executorId: info.executor.executor_id.value }),
    state: 'TASK_STAGING',
    statuses: [],
  };
  addTask(master, task);
  if (master.operatorStreams.size > 0) {
    master.tellOperators({ type: 'TASK_ADDED', task_added: { task: renderTask(task) } });
  }
  return task;
}

function startExecutor(launching: Launching, info: WireExecutorInfo): void {
  const { framework, agent, role } = launching;
  const key = executorKey(framework.id, info.executor_id.value);
  if (agent.executors.has(key)) return;
  const resources = Resources.of(info.resources ?? []);
  launching.available = launching.available.subtract(resources);
  agent.executors.set(key, { frameworkId: framework.id, role, info, resources });
  framework.executorAgents.add(agent.id);
}

function refuseTask(
  master: MasterState,
  { framework }: LaunchPlace,
  refused: { readonly info: WireTaskInfo; readonly wrong: string; readonly reason: string },
): void {
  const status = masterStatus(master, {
    taskId: refused.info.task_id.value,
    agentId: refused.info.agent_id.value,
    state: 'TASK_ERROR',
    message: refused.wrong,
    reason: refused.reason,
  });
  tellStatus(master, framework, status);
}
