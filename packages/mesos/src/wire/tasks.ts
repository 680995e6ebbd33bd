import type { WireId, WireTime } from './offers.ts';
import type { WireLabels, WireResource } from './resources.ts';

/** All states of Mesos 1.5 to 1.12. */
export type TaskState =
  | 'TASK_STAGING'
  | 'TASK_STARTING'
  | 'TASK_RUNNING'
  | 'TASK_KILLING'
  | 'TASK_FINISHED'
  | 'TASK_FAILED'
  | 'TASK_KILLED'
  | 'TASK_ERROR'
  | 'TASK_LOST'
  | 'TASK_DROPPED'
  | 'TASK_UNREACHABLE'
  | 'TASK_GONE'
  | 'TASK_GONE_BY_OPERATOR'
  | 'TASK_UNKNOWN';

/** What is known of a task at a moment. Only a status with `uuid` is to be acknowledged. */
export interface WireTaskStatus {
  readonly task_id: WireId;
  readonly state: TaskState;
  readonly message?: string;
  readonly source?: 'SOURCE_MASTER' | 'SOURCE_AGENT' | 'SOURCE_EXECUTOR';
  /** `REASON_RECONCILIATION`, `REASON_CONTAINER_LIMITATION_MEMORY`, …: an open list. */
  readonly reason?: string;
  readonly agent_id?: WireId;
  readonly executor_id?: WireId;
  /** Epoch seconds. */
  readonly timestamp?: number;
  /** 16 bytes in Base64. */
  readonly uuid?: string;
  readonly healthy?: boolean;
  readonly check_status?: unknown;
  readonly labels?: WireLabels;
  readonly container_status?: WireContainerStatus;
  readonly unreachable_time?: WireTime;
  readonly limitation?: { readonly resources?: readonly WireResource[] };
  /** Base64; of Docker tasks that run: what `docker inspect` says. */
  readonly data?: string;
}

export interface WireContainerStatus {
  readonly container_id?: WireContainerId;
  readonly network_infos?: readonly WireNetworkInfo[];
  readonly executor_pid?: number;
}

export interface WireContainerId {
  readonly value: string;
  readonly parent?: WireContainerId;
}

export interface WireNetworkInfo {
  readonly name?: string;
  readonly ip_addresses?: readonly { readonly protocol?: 'IPv4' | 'IPv6'; readonly ip_address?: string }[];
  readonly port_mappings?: readonly WirePortMapping[];
  readonly labels?: WireLabels;
}

export interface WirePortMapping {
  readonly host_port: number;
  readonly container_port: number;
  readonly protocol?: string;
}

export interface WireEnvironment {
  readonly variables: readonly { readonly name: string; readonly type?: 'VALUE'; readonly value: string }[];
}

export interface WireCommandInfo {
  /** True (Mesos's default): `value` is a line for `/bin/sh -c`. False: `value` is a program, absent for an image's own entry point. */
  readonly shell?: boolean;
  readonly value?: string;
  /** With `shell: false`; the first one is argv[0] of a program outside an image. */
  readonly arguments?: readonly string[];
  readonly user?: string;
  readonly environment?: WireEnvironment;
  readonly uris?: readonly WireUri[];
}

export interface WireUri {
  readonly value: string;
  readonly extract?: boolean;
  readonly executable?: boolean;
  readonly cache?: boolean;
  readonly output_file?: string;
}

export interface WireVolume {
  readonly mode: 'RW' | 'RO';
  readonly container_path: string;
  readonly host_path?: string;
  readonly source?: unknown;
}

export interface WireContainerInfo {
  readonly type: 'DOCKER' | 'MESOS';
  readonly docker?: {
    readonly image: string;
    readonly network?: 'HOST' | 'BRIDGE' | 'NONE' | 'USER';
    readonly port_mappings?: readonly WirePortMapping[];
    readonly parameters?: readonly { readonly key: string; readonly value: string }[];
    readonly force_pull_image?: boolean;
    readonly privileged?: boolean;
  };
  readonly mesos?: {
    readonly image?: {
      readonly type: 'DOCKER' | 'APPC';
      readonly docker?: { readonly name: string; readonly config?: unknown };
      readonly cached?: boolean;
    };
  };
  readonly network_infos?: readonly WireNetworkInfo[];
  readonly volumes?: readonly WireVolume[];
  readonly hostname?: string;
  readonly linux_info?: unknown;
}

/** Run by the executor inside the task's network, on the container's port. */
export interface WireHealthCheck {
  readonly type: 'COMMAND' | 'HTTP' | 'TCP';
  readonly command?: WireCommandInfo;
  readonly http?: { readonly port: number; readonly path?: string; readonly scheme?: string };
  readonly tcp?: { readonly port: number };
  readonly delay_seconds?: number;
  readonly interval_seconds?: number;
  readonly timeout_seconds?: number;
  readonly consecutive_failures?: number;
  readonly grace_period_seconds?: number;
}

export interface WireKillPolicy {
  readonly grace_period?: WireTime;
}

export interface WireDiscovery {
  readonly visibility: 'FRAMEWORK' | 'CLUSTER' | 'EXTERNAL';
  readonly name?: string;
  readonly ports?: {
    readonly ports: readonly {
      readonly number: number;
      readonly name?: string;
      readonly protocol?: string;
    }[];
  };
}

export interface WireTaskInfo {
  readonly name: string;
  readonly task_id: WireId;
  readonly agent_id: WireId;
  readonly resources: readonly WireResource[];
  readonly command?: WireCommandInfo;
  readonly executor?: WireExecutorInfo;
  readonly container?: WireContainerInfo;
  readonly health_check?: WireHealthCheck;
  readonly check?: unknown;
  readonly kill_policy?: WireKillPolicy;
  readonly max_completion_time?: WireTime;
  readonly labels?: WireLabels;
  readonly discovery?: WireDiscovery;
  readonly data?: string;
}

export interface WireExecutorInfo {
  readonly type: 'DEFAULT' | 'CUSTOM';
  readonly executor_id: WireId;
  readonly framework_id?: WireId;
  readonly command?: WireCommandInfo;
  readonly container?: WireContainerInfo;
  readonly resources?: readonly WireResource[];
}
