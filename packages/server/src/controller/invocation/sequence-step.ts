import type { ActivationResponse, Json } from '@vibrissa/protocol';
import type { Payload } from './merge-parameters.ts';

/** What follows after a component of a sequence has answered. */
export type SequenceStep =
  /** It named an error: nothing else runs. */
  | { readonly step: 'end' }
  /** Its result is what the next one gets. */
  | { readonly step: 'next'; readonly payload: Payload };

/** A result as arguments: its own text is passed on, so that no number changes on its way. */
export function resultPayload({ resultJson }: Pick<ActivationResponse, 'resultJson'>): Payload {
  const value = JSON.parse(resultJson) as Json;
  return typeof value === 'object' && value !== null
    ? { json: resultJson, value }
    : { json: '{}', value: {} };
}

/** An error ends the sequence, whatever the status. */
export function afterComponent(response: Pick<ActivationResponse, 'resultJson'>): SequenceStep {
  const payload = resultPayload(response);
  const isError = !Array.isArray(payload.value) && Object.hasOwn(payload.value, 'error');
  return isError ? { step: 'end' } : { step: 'next', payload };
}
