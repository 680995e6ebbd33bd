import type { WireTaskStatus } from '@vibrissa/mesos/wire';

import type { ProbeResult } from '../agent/messages.ts';
import { isTerminal } from '../base/task-states.ts';
import { afterFailure } from './back-off.ts';
import { applyStatus, noteHealth, type Instance } from './instance.ts';
import type { MarathonState } from './marathon-state.ts';
import { callMaster } from './session.ts';
import { effectivePort } from './task-info.ts';

/** Hears what became of a task. One that Marathon doesn't know, or has given up, is killed. */
export function updateTask(state: MarathonState, status: WireTaskStatus): void {
  const { uuid, agent_id: agentId, task_id: taskId } = status;
  if (uuid !== undefined && agentId !== undefined)
    callMaster(state, { type: 'ACKNOWLEDGE', acknowledge: { agent_id: agentId, task_id: taskId, uuid } });
  const instance = state.instances.get(taskId.value);
  if (instance === undefined) {
    if (!isTerminal(status.state) && status.state !== 'TASK_UNREACHABLE' && status.state !== 'TASK_UNKNOWN')
      callMaster(state, {
        type: 'KILL',
        kill: { task_id: taskId, ...(agentId ? { agent_id: agentId } : {}) },
      });
    return;
  }
  // A master that doesn't know it: agents may still come back with it, but not for Marathon.
  if (isTerminal(status.state) || status.state === 'TASK_UNKNOWN') taskEnded(state, instance, status);
  else applyStatus(instance, status, state.time);
}

/** Told to end, and told again when nothing follows. */
export function killTask(state: MarathonState, instance: Instance): void {
  instance.killedMs = state.time.nowMs;
  callMaster(state, {
    type: 'KILL',
    kill: { task_id: { value: instance.taskId }, agent_id: { value: instance.agentId } },
  });
}

function taskEnded(state: MarathonState, instance: Instance, status: WireTaskStatus): void {
  state.instances.delete(instance.taskId);
  const record = state.apps.get(instance.app.id);
  if (record === undefined || instance.killedMs !== undefined || status.state === 'TASK_KILLED') return;
  const { nowMs, epochMs } = state.time;
  record.lastTaskFailure = {
    appId: record.id,
    host: instance.host,
    message: status.message ?? '',
    slaveId: instance.agentId,
    state: status.state,
    taskId: instance.taskId,
    timestamp: new Date(epochMs).toISOString(),
    version: instance.version,
  };
  // What an earlier definition did wrong says nothing of this one.
  if (instance.version < record.lastConfigChangeAt) return;
  const ranMs = instance.startedMs === undefined ? 0 : nowMs - instance.startedMs;
  record.backOff = afterFailure(record.backOff, record.app, { ranMs, nowMs });
}

/** Marathon's own checks that are due. */
export function startProbes(state: MarathonState): void {
  for (const instance of state.instances.values()) {
    if (instance.state !== 'TASK_RUNNING' || instance.killedMs !== undefined) continue;
    for (const [check, health] of instance.health.entries()) {
      if (health.nextMs === undefined || health.nextMs > state.time.nowMs) continue;
      health.nextMs = undefined;
      const { type, scheme, path, port: fixed, portIndex, timeoutMs } = health.check;
      const port = fixed ?? effectivePort(instance, portIndex) ?? 0;
      const spec = type === 'TCP' ? { tcp: { port } } : { http: { port, path, scheme } };
      const host = hostOf(instance, portIndex);
      const probe = { spec: { purpose: 'health' as const, type, ...spec }, host, timeoutMs };
      state.effects.push({ type: 'probe', taskId: instance.taskId, check, ...probe });
    }
  }
}

/** A task without a port of the host is asked at its own address. */
function hostOf({ app, host, ipAddresses }: Instance, portIndex: number): string {
  const hasOwn = app.ports[portIndex]?.hostPort === undefined && app.network === 'container';
  return hasOwn ? (ipAddresses[0]?.ipAddress ?? host) : host;
}

export function probeAnswered(
  state: MarathonState,
  {
    taskId,
    check,
    result,
  }: { readonly taskId: string; readonly check: number; readonly result: ProbeResult },
): void {
  const instance = state.instances.get(taskId);
  const health = instance?.health[check];
  if (instance === undefined || health === undefined || instance.killedMs !== undefined) return;
  const { nowMs, epochMs } = state.time;
  const { intervalMs, graceMs, maxConsecutiveFailures } = health.check;
  health.nextMs = nowMs + intervalMs;
  const failure = failureOf(result);
  const isStarting =
    health.firstSuccess === null && nowMs <= (instance.startedMs ?? nowMs) + graceMs && failure !== undefined;
  if (isStarting) return;
  noteHealth(health, failure, new Date(epochMs).toISOString());
  if (maxConsecutiveFailures > 0 && health.consecutiveFailures >= maxConsecutiveFailures)
    killTask(state, instance);
}

function failureOf({ statusCode, connected, error }: ProbeResult): string | undefined {
  if (error !== undefined) return error;
  if (statusCode !== undefined)
    return statusCode >= 200 && statusCode < 400 ? undefined : `HTTP status ${statusCode}`;
  return connected === true ? undefined : 'connection refused';
}
