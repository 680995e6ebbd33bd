import type { Identity } from '@vibrissa/protocol';
import type { RequestContext } from '../../base/request-context.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';
import type { Payload } from './merge-parameters.ts';

export interface FireRequest {
  /** Who fires; the actions run as theirs. */
  readonly identity: Identity;
  readonly trigger: { readonly namespace: string; readonly name: string };
  readonly payload: Payload | undefined;
  /** Of the request that fires, names in lower case. Credentials among them reach no action. */
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
}

/** What became of a fire. */
export type FireOutcome =
  /** 202. The record of the trigger and one for each activation that it names are certain. */
  | { readonly outcome: 'fired'; readonly activationId: string }
  /** 204: no rule is active. Nothing is recorded. */
  | { readonly outcome: 'idle' }
  /** 404: no such trigger. */
  | { readonly outcome: 'missing' }
  /** Nothing runs, or nothing can be promised of it. */
  | Extract<InvokeOutcome, { outcome: 'refused' }>;

/**
 * Fires triggers, for whoever has an event: a client, an alarm, a webhook. Counts against the namespace's fires a minute;
 * whether the caller may fire that trigger is asked before.
 *
 *     const fired = await fires.fire(ctx, { identity, trigger: { namespace: 'guest', name: 'tick' }, payload, headers: {} });
 */
export interface Firing {
  /** Rejects only when the store can't be read. */
  fire(ctx: RequestContext, request: FireRequest): Promise<FireOutcome>;
}
