/** A task as the API shows it; fields that are not named here come with it, too. */
export interface MarathonTask {
  readonly id: string;
  readonly appId: string;
  /** `TASK_STAGING`, `TASK_RUNNING`, … */
  readonly state: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly servicePorts: readonly number[];
  readonly ipAddresses: readonly { readonly ipAddress: string; readonly protocol: string }[];
  readonly slaveId: string;
  /** ISO times, as all of them here. */
  readonly stagedAt: string;
  readonly startedAt?: string;
  readonly version: string;
  /** Absent before a first result. */
  readonly healthCheckResults?: readonly {
    readonly alive: boolean;
    readonly consecutiveFailures: number;
    readonly firstSuccess: string | null;
    readonly lastSuccess: string | null;
    readonly lastFailure: string | null;
    readonly lastFailureCause: string | null;
    readonly instanceId: string;
  }[];
}

/** An app as the API shows it, with its tasks; what its definition says comes with it. */
export interface MarathonApp {
  readonly id: string;
  readonly instances: number;
  readonly version: string;
  readonly versionInfo: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string };
  readonly deployments: readonly { readonly id: string }[];
  readonly tasksStaged: number;
  readonly tasksRunning: number;
  readonly tasksHealthy: number;
  readonly tasksUnhealthy: number;
  readonly tasks: readonly MarathonTask[];
  readonly [field: string]: unknown;
}

/** What is to run: `id`, and `cmd` or `args`; all else has Marathon's defaults. */
export interface MarathonAppDefinition {
  readonly id: string;
  readonly cmd?: string;
  readonly args?: readonly string[];
  readonly instances?: number;
  readonly [field: string]: unknown;
}

export interface MarathonDeployment {
  readonly id: string;
  readonly version: string;
  readonly affectedApps: readonly string[];
  readonly currentActions: readonly { readonly action: string; readonly app: string }[];
}
