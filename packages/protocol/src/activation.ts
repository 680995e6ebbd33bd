import type { ActionLimits } from './entities.ts';

/** Outcome of an activation as a number; the texts are in {@link statusTexts}. */
export type StatusCode = 0 | 1 | 2 | 3;

export const SUCCESS = 0;
export const APPLICATION_ERROR = 1;
export const DEVELOPER_ERROR = 2;
export const WHISK_ERROR = 3;

/** `response.status` of the extended record, by status code. */
export const statusTexts = [
  'success',
  'application error',
  'action developer error',
  'whisk internal error',
] as const;

/** What an activation answered. `resultJson` is compact JSON text, kept as the container sent it. */
export interface ActivationResponse {
  readonly statusCode: StatusCode;
  readonly resultJson: string;
  /** Characters of the container's raw answer, or its length in bytes when truncated. */
  readonly size?: number;
}

/**
 * A finished activation, before it becomes text. Times are epoch milliseconds, durations milliseconds.
 * It is filed under the invoking user's namespace, `namespace`; `path` names the action itself.
 */
export interface ActivationRecord {
  readonly activationId: string;
  readonly namespace: string;
  readonly subject: string;
  /** `ns[/pkg]/name` of the action, `ns/name` of the trigger. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly start: number;
  /** Absent for a trigger, as is `duration`. */
  readonly end?: number;
  readonly duration?: number;
  /** Milliseconds from the request to `/init` or `/run`. */
  readonly waitTime?: number;
  /** Milliseconds of `/init`; absent means warm. */
  readonly initTime?: number;
  /** `unknown` where the action could not be read; absent for a trigger. */
  readonly kind?: string;
  /** The time limit ended it; absent for sequences, compositions and triggers. */
  readonly timeout?: boolean;
  /** Of a sequence or composition: no other one encloses it. */
  readonly topmost?: boolean;
  /** It is a composition. */
  readonly conductor?: true;
  readonly limits?: ActionLimits;
  readonly cause?: string;
  /** `ns/bindingname` when called through a binding. */
  readonly binding?: string;
  readonly response: ActivationResponse;
}
