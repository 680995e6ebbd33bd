import type { AgentState } from './agent-state.ts';
import { killRun } from './kill-run.ts';
import type { ProbeResult, ProbeSpec } from './messages.ts';
import type { CheckState, HealthState, Run, WireCheck } from './run.ts';
import { tellStatus } from './tell-status.ts';

type Purpose = ProbeSpec['purpose'];

/** Mesos's defaults, in seconds. */
const defaults = { delay: 15, interval: 10, timeout: 20, failures: 3, grace: 10 };

export function scheduleProbes(agent: AgentState, run: Run): void {
  const { health_check: healthCheck, check } = run.task;
  if (healthCheck !== undefined && run.health !== undefined) {
    run.health.sinceMs = agent.time.nowMs;
    schedule(agent, { run, purpose: 'health' }, healthCheck.delay_seconds ?? defaults.delay);
  }
  if (check !== undefined) {
    schedule(agent, { run, purpose: 'check' }, (check as WireCheck).delay_seconds ?? defaults.delay);
  }
}

interface Probing {
  readonly run: Run;
  readonly purpose: Purpose;
}

function schedule(agent: AgentState, { run, purpose }: Probing, seconds: number): void {
  const atMs = agent.time.nowMs + seconds * 1000;
  agent.deadlines.set(`probe:${purpose}:${run.containerId}`, atMs, { kind: 'probe', run, purpose });
}

/** The driver runs one probe. A task that is being killed is not asked any more. */
export function probeRun(agent: AgentState, { run, purpose }: Probing): void {
  const state = run[purpose];
  if (state === undefined || run.phase !== 'running' || run.killing !== undefined) return;
  state.probe++;
  const seconds = timing(run, purpose).timeout_seconds ?? defaults.timeout;
  agent.emit({
    type: 'probe-container',
    containerId: run.containerId,
    probe: state.probe * 2 + (purpose === 'health' ? 0 : 1),
    check: probeSpec(run, purpose),
    timeoutMs: seconds * 1000,
  });
}

/** Even numbers are probes of health, odd ones of a check. */
export function probeAnswered(
  agent: AgentState,
  run: Run,
  { probe, result }: { readonly probe: number; readonly result: ProbeResult },
): void {
  if (run.phase !== 'running' || run.killing !== undefined) return;
  const purpose = probe % 2 === 0 ? 'health' : 'check';
  const state = run[purpose];
  if (state === undefined || state.probe !== Math.floor(probe / 2)) return;
  if (purpose === 'health') judgeHealth(agent, run, { state: state as HealthState, result });
  else noteCheck(agent, run, { state: state as CheckState, result });
  schedule(agent, { run, purpose }, timing(run, purpose).interval_seconds ?? defaults.interval);
}

/** The first success and each failure are told; after so many failures in a row the executor kills the task. */
function judgeHealth(
  agent: AgentState,
  run: Run,
  { state, result }: { readonly state: HealthState; readonly result: ProbeResult },
): void {
  const reason = 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED';
  if (isHealthy(run, result)) {
    const news = state.initializing || state.failures > 0;
    state.initializing = false;
    state.failures = 0;
    if (news) tellStatus(agent, run, { state: 'TASK_RUNNING', reason, healthy: true });
    return;
  }
  const { grace_period_seconds: grace = defaults.grace, consecutive_failures: most = defaults.failures } =
    run.task.health_check ?? {};
  if (state.initializing && agent.time.nowMs - state.sinceMs <= grace * 1000) return;
  state.failures++;
  tellStatus(agent, run, { state: 'TASK_RUNNING', reason, healthy: false });
  if (most > 0 && state.failures >= most) killRun(agent, run, { byHealthCheck: true });
}

function isHealthy({ task }: Run, { exitCode, statusCode, connected }: ProbeResult): boolean {
  switch (task.health_check?.type) {
    case 'COMMAND':
      return exitCode === 0;
    case 'HTTP':
      return statusCode !== undefined && statusCode >= 200 && statusCode < 400;
    default:
      return connected === true;
  }
}

/** A check judges nothing: what it found is told when it has changed. */
function noteCheck(
  agent: AgentState,
  run: Run,
  { state, result }: { readonly state: CheckState; readonly result: ProbeResult },
): void {
  const { type } = run.task.check as WireCheck;
  const found = {
    COMMAND: result.exitCode === undefined ? {} : { exit_code: result.exitCode },
    HTTP: result.statusCode === undefined ? {} : { status_code: result.statusCode },
    TCP: result.connected === undefined ? {} : { succeeded: result.connected },
  }[type];
  const status = { type, [type.toLowerCase()]: found };
  if (JSON.stringify(status) === JSON.stringify(state.status)) return;
  state.status = status;
  tellStatus(agent, run, { state: 'TASK_RUNNING', reason: 'REASON_TASK_CHECK_STATUS_UPDATED' });
}

function probeSpec({ task }: Run, purpose: Purpose): ProbeSpec {
  if (purpose === 'health') {
    const { type = 'TCP', command, http, tcp } = task.health_check ?? {};
    return {
      purpose,
      type,
      ...(command === undefined ? {} : { command }),
      ...(http === undefined ? {} : { http }),
      ...(tcp === undefined ? {} : { tcp }),
    };
  }
  const { type, command, http, tcp } = task.check as WireCheck;
  return {
    purpose,
    type,
    ...(command?.command === undefined ? {} : { command: command.command }),
    ...(http === undefined ? {} : { http }),
    ...(tcp === undefined ? {} : { tcp }),
  };
}

function timing(
  { task }: Run,
  purpose: Purpose,
): { readonly interval_seconds?: number; readonly timeout_seconds?: number } {
  return (purpose === 'health' ? task.health_check : (task.check as WireCheck | undefined)) ?? {};
}
