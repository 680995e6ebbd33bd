import type { WireHealthCheck } from '../wire/index.ts';
import { listeningPort } from './task-network.ts';
import type { HealthCheckSpec } from './task-spec.ts';
import type { StoredTaskSpec } from './task-record.ts';

function timing(check: HealthCheckSpec): Partial<WireHealthCheck> {
  return {
    ...(check.delayMs !== undefined && { delay_seconds: check.delayMs / 1000 }),
    ...(check.intervalMs !== undefined && { interval_seconds: check.intervalMs / 1000 }),
    ...(check.timeoutMs !== undefined && { timeout_seconds: check.timeoutMs / 1000 }),
    ...(check.maxFailures !== undefined && { consecutive_failures: check.maxFailures }),
    ...(check.gracePeriodMs !== undefined && { grace_period_seconds: check.gracePeriodMs / 1000 }),
  };
}

/**
 * The executor checks from inside the task's network, so the port is the one that the program listens on, never the
 * agent's port that is mapped to it.
 */
export function buildHealthCheck(
  spec: StoredTaskSpec,
  hostPorts: readonly number[],
): WireHealthCheck | undefined {
  const check = spec.healthCheck;
  if (!check) return undefined;
  if (check.type === 'COMMAND') {
    return { type: 'COMMAND', command: { shell: true, value: check.command ?? '' }, ...timing(check) };
  }
  const index = check.portIndex ?? 0;
  const port = listeningPort(spec.ports?.[index] ?? {}, hostPorts[index]);
  if (check.type === 'TCP') return { type: 'TCP', tcp: { port }, ...timing(check) };
  const http = { port, path: check.path ?? '/', scheme: check.scheme ?? 'http' };
  return { type: 'HTTP', http, ...timing(check) };
}
