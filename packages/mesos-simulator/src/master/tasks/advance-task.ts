import type { TaskState, WireTaskStatus } from '@vibrissa/mesos/wire';
import { isTerminal } from '../../base/task-states.ts';
import { recoverResources } from '../allocator/recover-resources.ts';
import type { MasterState } from '../state/master-state.ts';
import { recordStatus, type Task } from '../state/task.ts';

/**
 * Takes note of a status. With its end a task's resources are free, though the task itself stays until its framework
 * has acknowledged.
 */
export function advanceTask(
  master: MasterState,
  task: Task,
  news: { readonly status: WireTaskStatus; readonly latestState: TaskState },
): void {
  const ended = !isTerminal(task.state) && isTerminal(news.latestState);
  task.state = news.latestState;
  recordStatus(task, news.status);
  if (ended) {
    freeResources(master, task);
    master.count(`master/${task.state.toLowerCase().replace('task_', 'tasks_')}`);
  }
  if (master.operatorStreams.size === 0) return;
  master.tellOperators({
    type: 'TASK_UPDATED',
    task_updated: {
      framework_id: { value: task.frameworkId },
      status: news.status,
      state: news.latestState,
    },
  });
}

function freeResources(master: MasterState, task: Task): void {
  const framework = master.frameworks.get(task.frameworkId);
  const agent = master.agents.get(task.agentId);
  if (framework === undefined || agent === undefined) return;
  recoverResources(master, { framework, agent, role: task.role, resources: task.resources });
}
