import { APPLICATION_ERROR, WHISK_ERROR, type ActivationResponse, type StatusCode } from '@vibrissa/protocol';
import type { RequestContext } from '../../base/request-context.ts';
import type { Refusal } from './admission.ts';
import type { CompositeKind } from './composite-kind.ts';
import type { CompositeScope } from './composite-scope.ts';
import type { Invoking } from './invoking.ts';
import type { OwnMessage } from './own-message.ts';
import type { ResolvedAction } from './resolved-action.ts';

/** One run of a sequence or composition. */
export interface CompositeRun {
  readonly ctx: RequestContext;
  readonly kind: CompositeKind;
  readonly message: OwnMessage;
  readonly target: ResolvedAction;
  /** What it is itself part of. */
  readonly outer: CompositeScope | undefined;
  /** Runs its parts, which may be of any sort. */
  readonly invoking: Invoking;
  /** Characters that all runs hold; `heldChars` of them are this one's. */
  readonly load: { chars: number };
  heldChars: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Ids of the activations of its parts, in their order: its log. */
  readonly parts: string[];
  /** Milliseconds, of all parts together. */
  partsMs: number;
  /** The largest part's. */
  memoryMb: number;
  ended: boolean;
}

/** How a run ends: with a response, or because the platform stops and takes nothing new. */
export type CompositeEnd = ActivationResponse | 'stopped';

/** A response that the platform gives in place of an action. */
export function errorResponse(statusCode: StatusCode, error: string): ActivationResponse {
  return { statusCode, resultJson: JSON.stringify({ error }) };
}

/** What the refusal of a part means for the whole: a request that can't succeed is the composer's error. */
export function refusedResponse({ status, message }: Refusal, failure: string): ActivationResponse {
  return status < 500 && status !== 429
    ? errorResponse(APPLICATION_ERROR, message)
    : errorResponse(WHISK_ERROR, failure);
}
