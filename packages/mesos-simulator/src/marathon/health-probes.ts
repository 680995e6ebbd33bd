import type { ProbeResult } from '../agent/messages.ts';
import { noteHealth, type Instance } from './instance.ts';
import type { MarathonState } from './marathon-state.ts';
import { effectivePort } from './task-info.ts';
import { killTask } from './task-updates.ts';

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
