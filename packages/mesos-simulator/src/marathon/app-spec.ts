/** JSON as it came or as it will go. */
export type Json = Readonly<Record<string, unknown>>;

/** A health check, its times in milliseconds. */
export interface HealthCheckSpec {
  /** Who asks: the agent's executor (`MESOS_…` and `COMMAND`), or Marathon itself (`HTTP`, `TCP`). */
  readonly by: 'mesos' | 'marathon';
  readonly type: 'HTTP' | 'TCP' | 'COMMAND';
  readonly scheme: 'http' | 'https';
  readonly path: string;
  readonly portIndex: number;
  /** Instead of an index. */
  readonly port?: number;
  readonly command?: string;
  readonly delayMs: number;
  /** For so long after its start a task may fail without being counted, until its first success. */
  readonly graceMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** 0: it is never killed. */
  readonly maxConsecutiveFailures: number;
}

/** A port that tasks get, in the order of definitions. */
export interface PortSpec {
  readonly name?: string;
  /** Of the host; 0: any of the offer. Undefined: none, the task has an address of its own. */
  readonly hostPort: number | undefined;
  /** With port mappings. */
  readonly containerPort?: number;
  readonly servicePort: number;
  readonly protocol: string;
}

export interface ConstraintSpec {
  /** `hostname`, `@region`, `@zone`, or the name of an attribute. */
  readonly field: string;
  readonly operator: 'UNIQUE' | 'CLUSTER' | 'GROUP_BY' | 'LIKE' | 'UNLIKE' | 'MAX_PER' | 'IS';
  readonly value: string;
}

/** An app definition with its defaults, read. */
export interface AppSpec {
  /** Absolute: begins with a slash. */
  readonly id: string;
  /** What the API shows; fields that are unknown are kept. */
  readonly json: Json;
  readonly cmd?: string;
  readonly args?: readonly string[];
  readonly user?: string;
  readonly instances: number;
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: 'host' | 'bridge' | 'container';
  readonly ports: readonly PortSpec[];
  readonly requirePorts: boolean;
  readonly healthChecks: readonly HealthCheckSpec[];
  readonly constraints: readonly ConstraintSpec[];
  readonly backoffMs: number;
  readonly backoffFactor: number;
  readonly maxLaunchDelayMs: number;
  readonly killGraceMs?: number;
  readonly killsOldestFirst: boolean;
  /** Fractions of `instances`. */
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
  /** From losing an agent until its tasks are replaced, and forgotten; undefined: never. */
  readonly unreachable: { readonly inactiveMs: number; readonly expungeMs: number } | undefined;
}
