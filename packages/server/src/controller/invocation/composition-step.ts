import {
  parseQualifiedName,
  type ActivationResponse,
  type EntityName,
  type Json,
  type JsonObject,
} from '@vibrissa/protocol';
import type { Payload } from './merge-parameters.ts';

/** What a conductor's result asks for. */
export type CompositionStep =
  /** Nothing more: this is the composition's response. */
  | { readonly step: 'done'; readonly response: ActivationResponse }
  | {
      readonly step: 'invoke';
      readonly name: EntityName;
      readonly payload: Payload | undefined;
      readonly state: JsonObject | undefined;
    }
  /** To invoke something that is no name; `given` is its JSON text. */
  | { readonly step: 'misnamed'; readonly given: string; readonly state: JsonObject | undefined };

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Objects stay; anything else becomes the one member of an object. */
function boxed(value: Json, member: string): JsonObject {
  return isObject(value) ? value : { [member]: value };
}

/** A payload of a value; what is not passed on as it came is written anew. */
export function payloadOf(value: JsonObject | Json[]): Payload {
  return { json: JSON.stringify(value), value };
}

/** `name` and `pkg/name` lie in the caller's namespace; `/ns/name` and `/ns/pkg/name` where they say. */
function nameOf(given: Json, ownNamespace: string): EntityName | undefined {
  if (typeof given !== 'string') return undefined;
  const parsed = parseQualifiedName(given.startsWith('/') ? given : `/_/${given}`, ownNamespace);
  return parsed.ok ? parsed.name : undefined;
}

/** Reads what a conductor answered. A result that is no object asks for nothing. */
export function readConductor(response: ActivationResponse, ownNamespace: string): CompositionStep {
  const result = JSON.parse(response.resultJson) as Json;
  if (!isObject(result)) return { step: 'done', response };
  const has = (member: string) => Object.hasOwn(result, member);
  const params = has('params') ? boxed(result.params as Json, 'value') : undefined;
  if (!has('action')) {
    if (params === undefined) return { step: 'done', response };
    return {
      step: 'done',
      response: { statusCode: response.statusCode, resultJson: JSON.stringify(params) },
    };
  }
  const state = has('state') ? boxed(result.state as Json, 'state') : undefined;
  const given = result.action as Json;
  const name = nameOf(given, ownNamespace);
  if (name === undefined) return { step: 'misnamed', given: JSON.stringify(given), state };
  return { step: 'invoke', name, payload: params && payloadOf(params), state };
}

/** What the conductor gets next: the saved state over it. An array has no room for a state, and is boxed. */
export function withState(payload: Payload | undefined, state: JsonObject | undefined): Payload | undefined {
  if (state === undefined) return payload;
  return payloadOf({ ...(payload && boxed(payload.value, 'value')), ...state });
}
