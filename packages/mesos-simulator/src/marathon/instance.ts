import type { TaskState, WireTaskStatus } from '@vibrissa/mesos/wire';

import type { StepTime } from '../base/step-time.ts';
import type { AppSpec, HealthCheckSpec } from './app-spec.ts';

/** What the checks of one kind have found; times as the API shows them. */
export interface Health {
  readonly check: HealthCheckSpec;
  alive: boolean;
  consecutiveFailures: number;
  firstSuccess: string | null;
  lastSuccess: string | null;
  lastFailure: string | null;
  lastFailureCause: string | null;
  /** When Marathon asks next, in milliseconds of its steps; undefined: it doesn't, or waits for an answer. */
  nextMs: number | undefined;
}

/** One task of an app, from its launch until its end is told. */
export interface Instance {
  readonly taskId: string;
  readonly instanceId: string;
  /** The definition that it was launched with. */
  readonly app: AppSpec;
  readonly version: string;
  readonly host: string;
  readonly agentId: string;
  readonly region: string | undefined;
  readonly zone: string | undefined;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of the host, in the order of definitions. */
  readonly ports: readonly number[];
  readonly health: readonly Health[];
  readonly stagedAt: string;
  readonly stagedMs: number;
  state: TaskState;
  startedAt?: string;
  startedMs?: number;
  ipAddresses: readonly { readonly ipAddress: string; readonly protocol: string }[];
  /** When it was last told to end. */
  killedMs?: number;
  unreachableSinceMs?: number;
}

/** It serves: what a deployment waits for. */
export function isReady({ state, health }: Instance): boolean {
  return state === 'TASK_RUNNING' && health.every(({ alive }) => alive);
}

/** It counts for its app: it is neither being killed nor given up. */
export function isActive({ app, killedMs, unreachableSinceMs }: Instance, nowMs: number): boolean {
  if (killedMs !== undefined) return false;
  if (unreachableSinceMs === undefined || app.unreachable === undefined) return true;
  return nowMs < unreachableSinceMs + app.unreachable.inactiveMs;
}

/** A status that doesn't end the task. */
export function applyStatus(instance: Instance, status: WireTaskStatus, time: StepTime): void {
  const at = new Date(time.epochMs).toISOString();
  instance.state = status.state;
  if (status.state === 'TASK_UNREACHABLE') {
    instance.unreachableSinceMs ??= time.nowMs;
    return;
  }
  delete instance.unreachableSinceMs;
  const addresses = status.container_status?.network_infos?.flatMap((info) => info.ip_addresses ?? []) ?? [];
  if (addresses.length > 0)
    instance.ipAddresses = addresses.map(({ ip_address = '', protocol = 'IPv4' }) => ({
      ipAddress: ip_address,
      protocol,
    }));
  if (status.state !== 'TASK_RUNNING') return;
  if (instance.startedAt === undefined) {
    instance.startedAt = at;
    instance.startedMs = time.nowMs;
    for (const health of instance.health)
      if (health.check.by === 'marathon') health.nextMs = time.nowMs + health.check.intervalMs;
  }
  const [byMesos] = instance.health.filter(({ check }) => check.by === 'mesos');
  if (byMesos && status.healthy !== undefined)
    noteHealth(byMesos, status.healthy ? undefined : (status.message ?? 'unhealthy'), at);
}

/** What one probe found: without a cause, that all is well. `at`: as the API shows it. */
export function noteHealth(health: Health, failure: string | undefined, at: string): void {
  if (failure === undefined) {
    health.alive = true;
    health.consecutiveFailures = 0;
    health.firstSuccess ??= at;
    health.lastSuccess = at;
  } else {
    health.alive = false;
    health.consecutiveFailures++;
    health.lastFailure = at;
    health.lastFailureCause = failure;
  }
}
