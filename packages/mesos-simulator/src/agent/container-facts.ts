import type { AgentState } from './agent-state.ts';
import { endRun } from './end-run.ts';
import { killOthers, ownGraceMs, terminate, understands } from './kill-run.ts';
import type { AgentInput } from './messages.ts';
import { scheduleProbes } from './probe-run.ts';
import type { Run } from './run.ts';
import { signalNames, signalNumbers } from './signal-names.ts';
import { tellStatus, type News } from './tell-status.ts';

type Fact<Type extends AgentInput['type']> = Extract<AgentInput, { type: Type }>;

export function executorStarted(agent: AgentState, run: Run, fact: Fact<'executor-started'>): void {
  if (run.phase !== 'launching') return;
  run.phase = 'starting';
  run.executorPid = fact.executorPid;
  tellStatus(agent, run, { state: 'TASK_STARTING' });
}

export function containerLaunched(agent: AgentState, run: Run, fact: Fact<'container-launched'>): void {
  run.executorPid = fact.executorPid ?? run.executorPid;
  if (run.phase === 'launching') {
    run.phase = 'starting';
    tellStatus(agent, run, { state: 'TASK_STARTING' });
  }
  if (run.phase !== 'starting') return;
  run.phase = 'running';
  run.networkInfos = fact.networkInfos;
  // A Docker task that was killed while its image came tells RUNNING nevertheless; its end follows.
  if (run.killing === undefined) tellStatus(agent, run, { state: 'TASK_RUNNING', data: fact.data });
  scheduleProbes(agent, run);
  const longest = run.task.max_completion_time?.nanoseconds;
  if (longest !== undefined) {
    const atMs = agent.time.nowMs + longest / 1e6;
    agent.deadlines.set(`overtime:${run.containerId}`, atMs, { kind: 'overtime', run });
  }
}

export function containerFailed(agent: AgentState, run: Run, fact: Fact<'container-failed'>): void {
  const { message } = fact;
  if (fact.dropped === true) {
    const state = understands(agent, run, 'PARTITION_AWARE') ? 'TASK_DROPPED' : 'TASK_LOST';
    const reason = fact.reason ?? 'REASON_EXECUTOR_TERMINATED';
    endRun(agent, run, { state, message, reason, byAgent: true });
  } else if (run.phase === 'launching') {
    const reason = fact.reason ?? 'REASON_CONTAINER_LAUNCH_FAILED';
    endRun(agent, run, { state: 'TASK_FAILED', message, reason, byAgent: true });
  } else {
    endRun(agent, run, { state: 'TASK_FAILED', message, reason: fact.reason });
  }
  killOthers(agent, run);
}

/** Killed is what was being killed, whatever its exit code says. */
export function containerExited(agent: AgentState, run: Run, fact: Fact<'container-exited'>): void {
  if (run.phase !== 'running') containerLaunched(agent, run, { ...fact, type: 'container-launched' });
  const { killing } = run;
  const news: News = { state: 'TASK_KILLED', message: exitMessage(run, fact), reason: killing?.reason };
  if (killing !== undefined) {
    endRun(agent, run, killing.byHealthCheck ? { ...news, healthy: false } : news);
    return;
  }
  if (run.overtime) {
    endRun(agent, run, { ...news, state: 'TASK_FAILED', reason: 'REASON_MAX_COMPLETION_TIME_REACHED' });
    killOthers(agent, run);
    return;
  }
  const finished = fact.exitCode === 0;
  endRun(agent, run, { ...news, state: finished ? 'TASK_FINISHED' : 'TASK_FAILED' });
  if (!finished) killOthers(agent, run);
}

export function containerLimited(agent: AgentState, run: Run, fact: Fact<'container-limited'>): void {
  const { message, reason, resources } = fact;
  endRun(agent, run, { state: 'TASK_FAILED', message, reason, limitation: resources, byAgent: true });
  killOthers(agent, run);
}

export function executorTerminated(agent: AgentState, run: Run, message = 'Executor terminated'): void {
  const reason = 'REASON_EXECUTOR_TERMINATED';
  endRun(agent, run, { state: 'TASK_FAILED', message, reason, byAgent: true });
}

export function runOvertime(agent: AgentState, run: Run): void {
  if (run.killing !== undefined) return;
  run.overtime = true;
  terminate(agent, run, agent.time.nowMs + ownGraceMs(run));
}

function exitMessage(run: Run, { exitCode, signal }: Fact<'container-exited'>): string {
  if (run.kind === 'docker') {
    return `Container exited with status ${exitCode ?? 128 + (signalNumbers[signal ?? ''] ?? 0)}`;
  }
  return signal === undefined
    ? `Command exited with status ${exitCode ?? 0}`
    : `Command terminated with signal ${signalNames[signal] ?? signal}`;
}
