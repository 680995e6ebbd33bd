import type { FeedStatus } from '../status.ts';

/** How a sender signs: GitHub's header, the headers of Standard Webhooks with a time stamp, or either. */
export type SignatureForm = 'any' | 'github' | 'timestamped';

/** What its owner may choose. */
export interface WebhookSettings {
  /** Absent: whoever knows the address may send. */
  readonly secret?: string;
  readonly signature: SignatureForm;
  /** Seconds by which a time stamp may be off. */
  readonly replayWindow: number;
  /** Request headers that the trigger gets, in lower case. */
  readonly headers: readonly string[];
  /** Requests in a minute, refused ones included. */
  readonly perMinute: number;
}

/** A webhook as it is stored. Times are epoch milliseconds. */
export interface Webhook {
  readonly namespace: string;
  readonly trigger: string;
  readonly namespaceUuid: string;
  /** The secret part of its address. */
  readonly token: string;
  readonly settings: WebhookSettings;
  readonly status: FeedStatus;
  readonly tally: WebhookTally;
}

/** What has come in. */
export interface WebhookTally {
  readonly accepted: number;
  readonly refused: number;
  readonly lastAccepted?: number;
  readonly lastRefused?: { readonly at: number; readonly why: string };
}

export const noDeliveries: WebhookTally = { accepted: 0, refused: 0 };

export function addTallies(first: WebhookTally, then: WebhookTally): WebhookTally {
  return {
    ...first,
    ...then,
    accepted: first.accepted + then.accepted,
    refused: first.refused + then.refused,
  };
}
