import type { FrameworkCapability } from '@vibrissa/mesos/wire';
import type { AgentState } from './agent-state.ts';
import { endRun } from './end-run.ts';
import type { Run } from './run.ts';
import { tellStatus } from './tell-status.ts';

const commandGraceMs = 3000;
const dockerGraceMs = 5000;

export interface KillOrder {
  /** From SIGTERM to SIGKILL; default: the task's kill policy, or that of its executor. */
  readonly graceMs?: number | undefined;
  readonly reason?: string;
  readonly byHealthCheck?: boolean;
  /** The group is ending: its other tasks are killed already. */
  readonly alone?: boolean;
}

/** SIGTERM, and SIGKILL after the grace period. A second order can only shorten it. */
export function killRun(agent: AgentState, run: Run, order: KillOrder): void {
  if (run.phase === 'ended') return;
  if (run.phase === 'launching') {
    killUndelivered(agent, run, order);
    return;
  }
  const untilMs = agent.time.nowMs + (order.graceMs ?? ownGraceMs(run));
  if (run.killing !== undefined) {
    if (untilMs < run.killing.untilMs) setKillDeadline(agent, run, untilMs);
    return;
  }
  run.killing = { untilMs, reason: order.reason, byHealthCheck: order.byHealthCheck ?? false };
  if (understands(agent, run, 'TASK_KILLING_STATE')) {
    tellStatus(agent, run, { state: 'TASK_KILLING', reason: order.reason });
  }
  terminate(agent, run, untilMs);
  if (order.alone !== true) killOthers(agent, run, order.reason);
}

/** The process is to end, without the task being killed by anybody. */
export function terminate(agent: AgentState, run: Run, untilMs: number): void {
  agent.emit({ type: 'signal-container', containerId: run.containerId, signal: 'SIGTERM' });
  setKillDeadline(agent, run, untilMs);
}

/** One task of a group has failed or is killed: the default executor ends the others. */
export function killOthers(agent: AgentState, run: Run, reason?: string): void {
  for (const other of run.group?.runs ?? []) {
    if (other === run || other.phase === 'ended' || other.killing !== undefined) continue;
    killRun(agent, other, { alone: true, ...(reason === undefined ? {} : { reason }) });
  }
}

export function ownGraceMs(run: Run): number {
  const policy = run.task.kill_policy?.grace_period?.nanoseconds;
  if (policy !== undefined) return policy / 1e6;
  return run.kind === 'docker' ? dockerGraceMs : commandGraceMs;
}

export function understands(agent: AgentState, run: Run, capability: FrameworkCapability): boolean {
  const capabilities = agent.frameworks.get(run.frameworkId)?.capabilities;
  return capabilities?.some(({ type }) => type === capability) ?? false;
}

function setKillDeadline(agent: AgentState, run: Run, untilMs: number): void {
  if (run.killing !== undefined) run.killing.untilMs = untilMs;
  agent.deadlines.set(`kill:${run.containerId}`, untilMs, { kind: 'kill', run });
}

/** There is no executor yet: the agent itself tells the end, and nothing is started any more. */
function killUndelivered(agent: AgentState, run: Run, order: KillOrder): void {
  agent.emit({ type: 'signal-container', containerId: run.containerId, signal: 'SIGKILL' });
  const news = {
    state: 'TASK_KILLED' as const,
    message: 'Killed before delivery to the executor',
    reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
    byAgent: true,
  };
  run.killing = { untilMs: agent.time.nowMs, reason: order.reason, byHealthCheck: false };
  endRun(agent, run, news);
  if (order.alone !== true) killOthers(agent, run);
}
