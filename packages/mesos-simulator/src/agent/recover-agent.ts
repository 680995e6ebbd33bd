import { containerLaunched, executorTerminated } from './container-facts.ts';
import { taskKey, type AgentCheckpoint, type AgentState } from './agent-state.ts';
import { scheduleProbes } from './probe-run.ts';
import type { GroupExecutor, Run } from './run.ts';

/** What is written down for the next life of the agent: nothing of frameworks that don't checkpoint. */
export function takeCheckpoint(agent: AgentState): AgentCheckpoint {
  const runs = [...agent.runs.values()].filter(({ checkpoint, silent }) => checkpoint && !silent);
  // A framework of which only an unknown task is told is not known here: what waits is kept.
  const isKept = (frameworkId: string): boolean => agent.frameworks.get(frameworkId)?.checkpoint ?? true;
  return {
    agentId: agent.agentId,
    resources: agent.resources,
    frameworks: [...agent.frameworks]
      .filter(([id]) => isKept(id))
      .map(([id, framework]) => ({ ...framework, id: { value: id } })),
    runs,
    streams: [...agent.streams.values()].filter(({ frameworkId }) => isKept(frameworkId)),
  };
}

/** `containers` go on; the others have ended while the agent was away, nobody knows how. */
export function recoverAgent(
  agent: AgentState,
  checkpoint: AgentCheckpoint | undefined,
  containers: readonly string[],
): void {
  if (checkpoint?.agentId === undefined) return;
  agent.agentId = checkpoint.agentId;
  agent.resources = checkpoint.resources;
  agent.readyMs = agent.time.nowMs + agent.options.executorReregistrationMs;
  for (const info of checkpoint.frameworks) agent.frameworks.set(info.id?.value ?? '', info);
  for (const stream of checkpoint.streams) {
    agent.streams.set(taskKey(stream.frameworkId, stream.taskId), { ...stream, retryMs: 10_000 });
  }
  const alive = new Set(containers);
  const executors = new Map<string, GroupExecutor>();
  for (const former of checkpoint.runs) {
    const run = revive(former, executors);
    agent.runs.set(run.containerId, run);
    agent.runsByTask.set(taskKey(run.frameworkId, run.task.task_id.value), run);
  }
  for (const [key, executor] of executors) agent.executors.set(key, executor);
  for (const run of agent.runs.values()) {
    if (run.phase === 'ended') continue;
    if (alive.has(run.containerId)) continueRun(agent, run);
    else executorTerminated(agent, run, 'Abnormal executor termination: unknown container');
  }
}

/** A copy, so that a checkpoint can be recovered from twice. */
function revive(former: Run, executors: Map<string, GroupExecutor>): Run {
  const { group } = former;
  if (group === undefined) return { ...former };
  const key = taskKey(former.frameworkId, group.info.executor_id.value);
  let executor = executors.get(key);
  if (executor === undefined) executors.set(key, (executor = { ...group, runs: new Set() }));
  const run = { ...former, group: executor };
  executor.runs.add(run);
  return run;
}

/**
 * Executors go on without their agent, and report when it is back: also that they have started their task meanwhile,
 * which the driver could tell to nobody.
 */
function continueRun(agent: AgentState, run: Run): void {
  if (run.phase === 'running') scheduleProbes(agent, run);
  else containerLaunched(agent, run, { type: 'container-launched', containerId: run.containerId });
  if (run.killing === undefined) return;
  run.killing.untilMs = agent.time.nowMs;
  agent.deadlines.set(`kill:${run.containerId}`, agent.time.nowMs, { kind: 'kill', run });
}
