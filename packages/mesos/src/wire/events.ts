import type { WireId, WireInverseOffer, WireOffer } from './offers.ts';
import type { WireTaskStatus } from './tasks.ts';

export interface WireMasterInfo {
  readonly id: string;
  readonly version?: string;
  readonly hostname?: string;
  readonly port?: number;
  readonly pid?: string;
  readonly address?: { readonly hostname?: string; readonly ip?: string; readonly port: number };
  readonly capabilities?: readonly { readonly type: string }[];
}

/** An UPDATE_OPERATION_STATUS's uuid is an object; its acknowledgement wants the string. */
export interface WireOperationStatus {
  readonly operation_id?: WireId;
  readonly state: string;
  readonly message?: string;
  readonly uuid?: WireId;
  readonly agent_id?: WireId;
  readonly resource_provider_id?: WireId;
}

/** What the master says on a subscription's stream. Types that this client doesn't know are skipped. */
export type MesosEvent =
  | {
      readonly type: 'SUBSCRIBED';
      readonly subscribed: {
        readonly framework_id: WireId;
        readonly heartbeat_interval_seconds?: number;
        readonly master_info?: WireMasterInfo;
      };
    }
  | { readonly type: 'HEARTBEAT' }
  | { readonly type: 'OFFERS'; readonly offers: { readonly offers: readonly WireOffer[] } }
  | { readonly type: 'RESCIND'; readonly rescind: { readonly offer_id: WireId } }
  | { readonly type: 'UPDATE'; readonly update: { readonly status: WireTaskStatus } }
  | {
      readonly type: 'UPDATE_OPERATION_STATUS';
      readonly update_operation_status: { readonly status: WireOperationStatus };
    }
  | {
      readonly type: 'INVERSE_OFFERS';
      readonly inverse_offers: { readonly inverse_offers: readonly WireInverseOffer[] };
    }
  | {
      readonly type: 'RESCIND_INVERSE_OFFER';
      readonly rescind_inverse_offer: { readonly inverse_offer_id: WireId };
    }
  | {
      readonly type: 'MESSAGE';
      readonly message: { readonly agent_id: WireId; readonly executor_id: WireId; readonly data: string };
    }
  | {
      readonly type: 'FAILURE';
      readonly failure: {
        readonly agent_id?: WireId;
        readonly executor_id?: WireId;
        readonly status?: number;
      };
    }
  | { readonly type: 'ERROR'; readonly error: { readonly message: string } };
