import {
  memberTextsOf,
  objectText,
  parseQualifiedName,
  type ActivationResponse,
  type EntityName,
  type Json,
  type JsonObject,
} from '@vibrissa/protocol';
import type { Payload } from './merge-parameters.ts';

/** What a conductor keeps for its next run. */
export interface ConductorState extends Payload {
  readonly value: JsonObject;
}

/** What a conductor's result asks for. */
export type CompositionStep =
  /** Nothing more: this is the composition's response. */
  | { readonly step: 'done'; readonly response: ActivationResponse }
  | {
      readonly step: 'invoke';
      readonly name: EntityName;
      readonly payload: Payload | undefined;
      readonly state: ConductorState | undefined;
    }
  /** To invoke something that is no name; `given` is its JSON text. */
  | { readonly step: 'misnamed'; readonly given: string; readonly state: ConductorState | undefined };

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Objects stay; anything else becomes the one member of an object. Its own text is used: no number changes. */
function boxed(value: Json, json: string, member: string): ConductorState {
  return isObject(value)
    ? { json, value }
    : { json: objectText([[member, json]]), value: { [member]: value } };
}

/** `name` and `pkg/name` lie in the caller's namespace; `/ns/name`, `/ns/pkg/name` and `ns/pkg/name` where they say. */
function nameOf(given: Json, ownNamespace: string): EntityName | undefined {
  if (typeof given !== 'string') return undefined;
  const isWhole = given.startsWith('/') || given.split('/', 3).length === 3;
  const parsed = parseQualifiedName(isWhole ? given : `/_/${given}`, ownNamespace);
  return parsed.ok ? parsed.name : undefined;
}

/** Reads what a conductor answered. A result that is no object asks for nothing. */
export function readConductor(response: ActivationResponse, ownNamespace: string): CompositionStep {
  const { resultJson, statusCode } = response;
  const result = JSON.parse(resultJson) as Json;
  if (!isObject(result)) return { step: 'done', response };
  const texts = memberTextsOf(resultJson);
  const read = (name: string, box: string): ConductorState | undefined => {
    const text = texts.get(name);
    return text === undefined ? undefined : boxed(result[name] as Json, text, box);
  };
  const params = read('params', 'value');
  if (!texts.has('action')) {
    if (params === undefined) return { step: 'done', response };
    return { step: 'done', response: { statusCode, resultJson: params.json } };
  }
  const state = read('state', 'state');
  const given = result.action as Json;
  const name = nameOf(given, ownNamespace);
  if (name === undefined) return { step: 'misnamed', given: JSON.stringify(given), state };
  return { step: 'invoke', name, payload: params, state };
}

/** What the conductor gets next: the saved state over it. An array has no room for a state, and is boxed. */
export function withState(
  payload: Payload | undefined,
  state: ConductorState | undefined,
): Payload | undefined {
  if (state === undefined) return payload;
  if (payload === undefined) return state;
  const under = boxed(payload.value, payload.json, 'value');
  return {
    json: objectText(new Map([...memberTextsOf(under.json), ...memberTextsOf(state.json)])),
    value: { ...under.value, ...state.value },
  };
}
