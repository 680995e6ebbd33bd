import type { WireUnavailability } from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../agent/agent-info.ts';

export interface MachineId {
  readonly hostname?: string;
  readonly ip?: string;
}

export interface MaintenanceWindow {
  readonly machine_ids: readonly MachineId[];
  readonly unavailability: WireUnavailability;
}

/**
 * What masters write down of agents and maintenance. With `--registry=in_memory` each start of a master has a new one;
 * with `replicated_log` all masters of a cluster share one, in turn.
 */
export class Registry {
  readonly admitted = new Map<string, AgentInfo>();
  /** Since when, in epoch nanoseconds. */
  readonly unreachable = new Map<string, number>();
  readonly gone = new Set<string>();
  readonly deactivated = new Set<string>();
  schedule: readonly MaintenanceWindow[] = [];
  /** Agents are numbered across all masters that share a registry. */
  nextAgent = 0;
}
