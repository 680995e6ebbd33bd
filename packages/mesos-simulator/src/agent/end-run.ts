import { taskKey, type AgentState } from './agent-state.ts';
import type { GroupExecutor, Run } from './run.ts';
import { tellStatus, type News } from './tell-status.ts';

/** How long the default executor lives on after its last task. */
const executorExitMs = 50;

/** A task is over; it is forgotten once its end was acknowledged. */
export function endRun(agent: AgentState, run: Run, news: News): void {
  run.phase = 'ended';
  for (const name of ['kill', 'overtime', 'probe:health', 'probe:check']) {
    agent.deadlines.delete(`${name}:${run.containerId}`);
  }
  tellStatus(agent, run, news);
  if (run.silent) forgetRun(agent, run);
  exitWhenIdle(agent, run.group);
}

/** Nothing is left to be told of it. */
export function forgetRun(agent: AgentState, run: Run): void {
  agent.runs.delete(run.containerId);
  const key = taskKey(run.frameworkId, run.task.task_id.value);
  if (agent.runsByTask.get(key) === run) agent.runsByTask.delete(key);
}

/** The default executor ends by itself when it has no task any more. */
function exitWhenIdle(agent: AgentState, executor: GroupExecutor | undefined): void {
  if (executor === undefined) return;
  for (const { phase } of executor.runs) if (phase !== 'ended') return;
  const key = taskKey(executor.frameworkId, executor.info.executor_id.value);
  const atMs = agent.time.nowMs + executorExitMs;
  agent.deadlines.set(`executor:${key}`, atMs, { kind: 'executor-exit', executor });
}

/** Told as a FAILURE, though nothing has failed. */
export function exitExecutor(agent: AgentState, { frameworkId, info }: GroupExecutor): void {
  const executorId = info.executor_id.value;
  agent.executors.delete(taskKey(frameworkId, executorId));
  agent.toMaster({ type: 'executor-exited', frameworkId, executorId, status: 0 });
}
