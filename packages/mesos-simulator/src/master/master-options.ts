import type { MasterAddress } from './messages.ts';

/** How a master is set up; names and defaults are those of `mesos-master`'s flags. */
export interface MasterOptions {
  readonly address: MasterAddress;
  /** `--cluster`; shown in its state. */
  readonly cluster?: string;
  /** Default `1.12.0`. */
  readonly version?: string;
  /** Between two allocations; default 1,000. */
  readonly allocationIntervalMs?: number;
  /** An offer held longer is rescinded; default: never. */
  readonly offerTimeoutMs?: number;
  /** Between two pings of an agent; default 15,000. */
  readonly agentPingTimeoutMs?: number;
  /** So many unanswered pings make an agent unreachable; default 5. */
  readonly maxAgentPingTimeouts?: number;
  /** From the start of a master that remembers agents: then those that did not come back are unreachable. Default 600,000. */
  readonly agentReregisterTimeoutMs?: number;
  /** How long a new leader reads its registry and answers 503; default 0. */
  readonly recoveryMs?: number;
  /** How many removed frameworks are remembered, and refused; default 50. */
  readonly maxCompletedFrameworks?: number;
  /** Ended and unreachable tasks that are remembered, per framework; default 1,000. */
  readonly maxCompletedTasks?: number;
  /** Shares of roles; default 1 each. */
  readonly weights?: Readonly<Record<string, number>>;
  /** `--roles`: only these may be subscribed to; default: any. */
  readonly roles?: readonly string[];
  /** Whether frameworks and tasks may run as root; default true. */
  readonly rootSubmissions?: boolean;
  /** Between two HEARTBEATs; default 15,000. */
  readonly heartbeatIntervalMs?: number;
}

export type ResolvedMasterOptions = Required<Omit<MasterOptions, 'offerTimeoutMs' | 'roles' | 'cluster'>> &
  Pick<MasterOptions, 'offerTimeoutMs' | 'roles' | 'cluster'>;

export function resolveMasterOptions(options: MasterOptions): ResolvedMasterOptions {
  return {
    version: '1.12.0',
    allocationIntervalMs: 1000,
    agentPingTimeoutMs: 15_000,
    maxAgentPingTimeouts: 5,
    agentReregisterTimeoutMs: 600_000,
    recoveryMs: 0,
    maxCompletedFrameworks: 50,
    maxCompletedTasks: 1000,
    weights: {},
    rootSubmissions: true,
    heartbeatIntervalMs: 15_000,
    ...options,
  };
}
