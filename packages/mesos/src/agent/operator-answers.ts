import type {
  TaskState,
  WireAttribute,
  WireContainerInfo,
  WireDiscovery,
  WireFrameworkInfo,
  WireId,
  WireLabels,
  WireMasterInfo,
  WireResource,
  WireTaskStatus,
  WireTime,
} from '../wire/index.ts';

/** A framework as its master knows it. */
export interface MasterFramework {
  readonly framework_info: WireFrameworkInfo;
  /** It gets offers. */
  readonly active: boolean;
  readonly connected: boolean;
  /** The master was restarted and knows it by its agents' tasks; it has not subscribed again. */
  readonly recovered: boolean;
  readonly registered_time?: WireTime;
  readonly reregistered_time?: WireTime;
  readonly unregistered_time?: WireTime;
}

export interface MasterFrameworks {
  readonly frameworks: readonly MasterFramework[];
  /** Torn down, or away for longer than their failover timeout: these ids are dead. */
  readonly completed: readonly MasterFramework[];
}

/** A task as its master knows it: unlike a reconciliation it repeats labels, discovery and container. */
export interface MasterTask {
  readonly name: string;
  readonly task_id: WireId;
  readonly framework_id: WireId;
  /** Absent for command tasks. */
  readonly executor_id?: WireId;
  readonly agent_id: WireId;
  readonly state: TaskState;
  readonly resources?: readonly WireResource[];
  /** Oldest first. */
  readonly statuses?: readonly WireTaskStatus[];
  readonly labels?: WireLabels;
  readonly discovery?: WireDiscovery;
  readonly container?: WireContainerInfo;
}

export interface MasterTasks {
  /** Accepted, not sent to an agent yet. */
  readonly pending: readonly MasterTask[];
  readonly tasks: readonly MasterTask[];
  readonly unreachable: readonly MasterTask[];
  /** The last thousand of each framework, unless the master is told otherwise. */
  readonly completed: readonly MasterTask[];
}

export interface MasterAgent {
  readonly agent_info: {
    readonly id?: WireId;
    readonly hostname: string;
    readonly port?: number;
    readonly attributes?: readonly WireAttribute[];
  };
  /** Connected, and not deactivated. */
  readonly active: boolean;
  readonly deactivated?: boolean;
  readonly version: string;
  readonly pid?: string;
  readonly total_resources?: readonly WireResource[];
  readonly allocated_resources?: readonly WireResource[];
  readonly offered_resources?: readonly WireResource[];
}

export interface MasterItself {
  readonly master_info: WireMasterInfo;
  /** Epoch seconds. */
  readonly start_time?: number;
  /** Epoch seconds. */
  readonly elected_time?: number;
}

/** What `GET_*` calls are answered with, under the call's name in lower case; absent lists are empty. */
export interface OperatorAnswers {
  readonly GET_FRAMEWORKS: {
    readonly frameworks?: readonly MasterFramework[];
    readonly completed_frameworks?: readonly MasterFramework[];
  };
  readonly GET_TASKS: {
    readonly pending_tasks?: readonly MasterTask[];
    readonly tasks?: readonly MasterTask[];
    readonly unreachable_tasks?: readonly MasterTask[];
    readonly completed_tasks?: readonly MasterTask[];
  };
  readonly GET_AGENTS: { readonly agents?: readonly MasterAgent[] };
  readonly GET_MASTER: MasterItself;
  readonly GET_VERSION: { readonly version_info: { readonly version: string } };
  readonly GET_HEALTH: { readonly healthy: boolean };
}
