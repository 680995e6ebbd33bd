import type { ActionEntity, Json, JsonObject, LockedArguments, Parameter } from '@vibrissa/protocol';
import { lockExpansion } from '../../parameters/parameter-cipher.ts';
import { isAnnotated } from './annotation-value.ts';

/** What the parameters of an action come to, worked out once for all its invocations. */
export interface PreparedParameters {
  /** Names of all bound parameters. */
  readonly names: readonly string[];
  /** `"name":value` of each, in the same order. */
  readonly members: readonly string[];
  /** All of them as the text of an object; undefined when there are none. */
  readonly json: string | undefined;
  /** Names that a request must not define: those of an action annotated `final` whose value is not null. */
  readonly final: readonly string[];
  /** Names that go into the environment at `/init`. */
  readonly initArgs: readonly string[];
  /** Those that are locked, and how. Absent: none is. */
  readonly locked: LockedArguments | undefined;
  /** Bytes that they take more for being locked: those don't count against what arguments may be. */
  readonly lockExpansion: number;
}

/**
 * Arguments: the text as it came, and what it means. An array is what another action of a sequence or composition
 * answered.
 */
export interface Payload {
  readonly json: string;
  readonly value: JsonObject | Json[];
}

/** What is said to be locked with this is in clear. */
const NOOP = 'noop';

function lockedOf(parameters: readonly Parameter[]): LockedArguments | undefined {
  const locked = parameters.flatMap(({ key, encryption }) =>
    encryption === undefined || encryption === NOOP ? [] : [[key, encryption] as const],
  );
  return locked.length === 0 ? undefined : Object.fromEntries(locked);
}

/** Lays the action's parameters over its package's, and writes each as text. */
export function prepareParameters(
  action: Pick<ActionEntity, 'parameters' | 'annotations'>,
  packageParameters: readonly Parameter[] = [],
): PreparedParameters {
  const byName = new Map<string, Parameter>();
  for (const parameter of packageParameters) byName.set(parameter.key, parameter);
  for (const parameter of action.parameters) byName.set(parameter.key, parameter);
  const parameters = [...byName.values()];
  const members = parameters.map(({ key, value }) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const defined = parameters.filter(({ value }) => value !== null);
  return {
    names: parameters.map(({ key }) => key),
    members,
    json: members.length === 0 ? undefined : `{${members.join(',')}}`,
    final: isAnnotated(action.annotations, 'final') ? defined.map(({ key }) => key) : [],
    initArgs: parameters.filter(({ init }) => init === true).map(({ key }) => key),
    locked: lockedOf(parameters),
    lockExpansion: parameters.reduce((sum, parameter) => sum + lockExpansion(parameter), 0),
  };
}

/** Does the request define a parameter that the action keeps for itself? */
export function definesFinal(prepared: PreparedParameters, payload: Payload | undefined): boolean {
  if (prepared.final.length === 0 || !payload || Array.isArray(payload.value)) return false;
  const { value } = payload;
  return prepared.final.some((name) => Object.hasOwn(value, name));
}

function isEmpty(value: JsonObject): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

/**
 * The effective arguments as JSON text: the payload over the bound parameters, key by key. The payload's own text is
 * used as it came, so that nothing is written anew. An array has no names, and stays alone. Undefined means no arguments.
 */
export function mergeParameters(
  prepared: PreparedParameters,
  payload: Payload | undefined,
): string | undefined {
  if (prepared.json === undefined) return payload?.json;
  if (!payload) return prepared.json;
  if (Array.isArray(payload.value)) return payload.json;
  if (isEmpty(payload.value)) return prepared.json;
  let merged = '{';
  for (let at = 0; at < prepared.names.length; at++) {
    const name = prepared.names[at] as string;
    if (!Object.hasOwn(payload.value, name)) merged += `${prepared.members[at] as string},`;
  }
  // Behind the payload's opening brace: its members, at least one, and its closing brace.
  return merged + payload.json.slice(payload.json.indexOf('{') + 1);
}

/** Which of the effective arguments are locked: a payload's own never are. Undefined: none. */
export function lockedArguments(
  { locked }: PreparedParameters,
  payload: Payload | undefined,
): LockedArguments | undefined {
  if (locked === undefined || !payload) return locked;
  const { value } = payload;
  if (Array.isArray(value)) return undefined;
  const left = Object.entries(locked).filter(([name]) => !Object.hasOwn(value, name));
  return left.length === 0 ? undefined : Object.fromEntries(left);
}
