import type { WireFilters, WireId } from './offers.ts';
import type { WireLabels } from './resources.ts';
import type { WireExecutorInfo, WireKillPolicy, WireTaskInfo } from './tasks.ts';

export type FrameworkCapability =
  | 'REVOCABLE_RESOURCES'
  | 'TASK_KILLING_STATE'
  | 'GPU_RESOURCES'
  | 'SHARED_RESOURCES'
  | 'PARTITION_AWARE'
  | 'MULTI_ROLE'
  | 'RESERVATION_REFINEMENT'
  | 'REGION_AWARE';

export interface WireFrameworkInfo {
  readonly user: string;
  readonly name: string;
  readonly id?: WireId;
  /** Seconds for which tasks outlive a lost subscription; 0: not at all. */
  readonly failover_timeout?: number;
  readonly checkpoint?: boolean;
  readonly role?: string;
  readonly roles?: readonly string[];
  readonly hostname?: string;
  readonly principal?: string;
  readonly webui_url?: string;
  readonly capabilities?: readonly { readonly type: FrameworkCapability }[];
  readonly labels?: WireLabels;
  readonly offer_filters?: unknown;
}

/** Which agents a role wants offers of; needs Mesos 1.11. Groups are alternatives, constraints of a group all hold. */
export interface WireOfferConstraints {
  readonly role_constraints: Readonly<Record<string, unknown>>;
}

export interface SubscribeCall {
  readonly type: 'SUBSCRIBE';
  readonly framework_id?: WireId;
  readonly subscribe: {
    readonly framework_info: WireFrameworkInfo;
    readonly suppressed_roles?: readonly string[];
    readonly offer_constraints?: WireOfferConstraints;
  };
}

/** What an ACCEPT does with the offers, in this order. */
export type WireOperation =
  | { readonly type: 'LAUNCH'; readonly launch: { readonly task_infos: readonly WireTaskInfo[] } }
  | {
      readonly type: 'LAUNCH_GROUP';
      readonly launch_group: {
        readonly executor: WireExecutorInfo;
        readonly task_group: { readonly tasks: readonly WireTaskInfo[] };
      };
    }
  | {
      readonly type: 'RESERVE' | 'UNRESERVE' | 'CREATE' | 'DESTROY';
      readonly id?: WireId;
      readonly [body: string]: unknown;
    };

export interface AcceptCall {
  readonly type: 'ACCEPT';
  readonly accept: {
    readonly offer_ids: readonly WireId[];
    readonly operations: readonly WireOperation[];
    readonly filters?: WireFilters;
  };
}

export interface KillCall {
  readonly type: 'KILL';
  readonly kill: {
    readonly task_id: WireId;
    readonly agent_id?: WireId;
    readonly kill_policy?: WireKillPolicy;
  };
}

export interface AcknowledgeCall {
  readonly type: 'ACKNOWLEDGE';
  readonly acknowledge: { readonly agent_id: WireId; readonly task_id: WireId; readonly uuid: string };
}

/** No tasks: implicit, everything that runs. */
export interface ReconcileCall {
  readonly type: 'RECONCILE';
  readonly reconcile: { readonly tasks: readonly { readonly task_id: WireId; readonly agent_id?: WireId }[] };
}

export interface UpdateFrameworkCall {
  readonly type: 'UPDATE_FRAMEWORK';
  readonly update_framework: {
    readonly framework_info: WireFrameworkInfo;
    readonly suppressed_roles?: readonly string[];
    readonly offer_constraints?: WireOfferConstraints;
  };
}

/** A call after SUBSCRIBE, without its `framework_id`, which the session adds. */
export type SessionCall =
  | AcceptCall
  | KillCall
  | AcknowledgeCall
  | ReconcileCall
  | UpdateFrameworkCall
  | { readonly type: 'TEARDOWN' }
  | {
      readonly type: 'DECLINE';
      readonly decline: { readonly offer_ids: readonly WireId[]; readonly filters?: WireFilters };
    }
  | { readonly type: 'REVIVE'; readonly revive?: { readonly roles: readonly string[] } }
  | { readonly type: 'SUPPRESS'; readonly suppress?: { readonly roles: readonly string[] } }
  | {
      readonly type: 'SHUTDOWN';
      readonly shutdown: { readonly executor_id: WireId; readonly agent_id: WireId };
    }
  | {
      readonly type: 'MESSAGE';
      readonly message: { readonly agent_id: WireId; readonly executor_id: WireId; readonly data: string };
    }
  | {
      readonly type: 'ACKNOWLEDGE_OPERATION_STATUS';
      readonly acknowledge_operation_status: {
        readonly agent_id?: WireId;
        readonly resource_provider_id?: WireId;
        readonly uuid: string;
        readonly operation_id: WireId;
      };
    }
  | {
      readonly type: 'RECONCILE_OPERATIONS';
      readonly reconcile_operations: {
        readonly operations: readonly { readonly operation_id: WireId; readonly agent_id?: WireId }[];
      };
    }
  | {
      readonly type: 'ACCEPT_INVERSE_OFFERS';
      readonly accept_inverse_offers: {
        readonly inverse_offer_ids: readonly WireId[];
        readonly filters?: WireFilters;
      };
    }
  | {
      readonly type: 'DECLINE_INVERSE_OFFERS';
      readonly decline_inverse_offers: {
        readonly inverse_offer_ids: readonly WireId[];
        readonly filters?: WireFilters;
      };
    };

/** What is written on the call channel. */
export type FrameworkCall = SessionCall & { readonly framework_id: WireId };
