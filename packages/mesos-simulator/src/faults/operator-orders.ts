export interface DrainOptions {
  /** From SIGTERM to SIGKILL at most. */
  readonly maxGraceMs?: number;
  /** The agent is gone for ever when its last task is. */
  readonly markGone?: boolean;
}

export interface MaintenanceWindow {
  /** From now; default 0. */
  readonly startInMs?: number;
  /** Default: without end. */
  readonly durationMs?: number;
}

type AgentOrder = 'DEACTIVATE_AGENT' | 'REACTIVATE_AGENT' | 'DRAIN_AGENT' | 'MARK_AGENT_GONE';

/** A call of the operator API that concerns one agent. */
export function agentOrder(
  type: AgentOrder,
  agentId: string,
  { maxGraceMs, markGone }: DrainOptions = {},
): object {
  return {
    type,
    [type.toLowerCase()]: {
      agent_id: { value: agentId },
      ...(maxGraceMs === undefined ? {} : { max_grace_period: { nanoseconds: maxGraceMs * 1e6 } }),
      ...(markGone === undefined ? {} : { mark_gone: markGone }),
    },
  };
}

/** A schedule of one window for one machine; without a machine an empty one. */
export function maintenanceOrder(planned?: {
  readonly machine: { readonly hostname: string; readonly ip: string };
  readonly window: MaintenanceWindow;
  /** Epoch milliseconds. */
  readonly now: number;
}): object {
  return {
    type: 'UPDATE_MAINTENANCE_SCHEDULE',
    update_maintenance_schedule: { schedule: { windows: planned ? [windowOf(planned)] : [] } },
  };
}

function windowOf({
  machine: { hostname, ip },
  window: { startInMs = 0, durationMs },
  now,
}: NonNullable<Parameters<typeof maintenanceOrder>[0]>): object {
  return {
    machine_ids: [{ hostname, ip }],
    unavailability: {
      start: { nanoseconds: (now + startInMs) * 1e6 },
      ...(durationMs === undefined ? {} : { duration: { nanoseconds: durationMs * 1e6 } }),
    },
  };
}
