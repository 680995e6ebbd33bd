import type { MasterState } from '../state/master-state.ts';
import type { Task } from '../state/task.ts';

/** The framework's list and the agent's forget it; it stays among those that have ended, for a while. */
export function removeTask(master: MasterState, task: Task): void {
  const framework = master.frameworks.get(task.frameworkId);
  const agent = master.agents.get(task.agentId);
  if (framework?.tasks.get(task.id) === task) framework.tasks.delete(task.id);
  const there = agent?.tasks.get(task.frameworkId);
  if (there?.get(task.id) === task) {
    there.delete(task.id);
    if (there.size === 0) agent?.tasks.delete(task.frameworkId);
  }
  if (framework === undefined) return;
  framework.completedTasks.push(task);
  // Twice the number before it is cut: cutting each time would cost too much.
  const { maxCompletedTasks } = master.options;
  if (framework.completedTasks.length > 2 * maxCompletedTasks) {
    framework.completedTasks = framework.completedTasks.slice(-maxCompletedTasks);
  }
}

/** Puts a task where framework and agent find it. */
export function addTask(master: MasterState, task: Task): void {
  master.frameworks.get(task.frameworkId)?.tasks.set(task.id, task);
  const agent = master.agents.get(task.agentId);
  if (agent === undefined) return;
  const there = agent.tasks.get(task.frameworkId);
  if (there === undefined) agent.tasks.set(task.frameworkId, new Map([[task.id, task]]));
  else there.set(task.id, task);
}
