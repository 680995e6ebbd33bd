import { isJson } from '../../values/json-text.ts';
import type { Parameter } from '../../values/parameters.ts';
import type { Fields } from '../source/fields.ts';
import { jsonOf, nounOf, type Located, type LocatedMap } from '../source/located.ts';

const described = [
  'type',
  'value',
  'default',
  'description',
  'required',
  'schema',
  'status',
  'init',
  'encryption',
];

/** What a parameter is while nobody gave it a value. */
const emptyValues: Readonly<Record<string, string>> = {
  string: '""',
  integer: '0',
  int: '0',
  float: '0.0',
  number: '0',
  boolean: 'false',
  bool: 'false',
  json: '{}',
  object: '{}',
  list: '[]',
  array: '[]',
};

/** Parameters of the command line, which win over those of the files. */
export interface GivenParameters {
  /** JSON text; asking for a name counts as using it. */
  take(name: string): string | undefined;
}

const fits: Readonly<Record<string, (json: string) => boolean>> = {
  string: (json) => json.startsWith('"'),
  integer: (json) => /^-?\d+$/.test(json),
  int: (json) => /^-?\d+$/.test(json),
  float: (json) => /^-?\d/.test(json),
  number: (json) => /^-?\d/.test(json),
  boolean: (json) => json === 'true' || json === 'false',
  bool: (json) => json === 'true' || json === 'false',
  json: (json) => json.startsWith('{') || json.startsWith('['),
  object: (json) => json.startsWith('{'),
  list: (json) => json.startsWith('['),
  array: (json) => json.startsWith('['),
};

/** A value of the wanted type: a string from a variable may hold a number, and a number may stand for a string. */
function ofType(type: string, json: string): string | undefined {
  const fit = fits[type];
  if (fit === undefined || fit(json)) return json;
  if (type === 'string') return JSON.stringify(json);
  if (!json.startsWith('"')) return undefined;
  const inner = String(JSON.parse(json)).trim();
  return isJson(inner) && fit(inner) ? inner : undefined;
}

function isDescribed(located: Located): located is LocatedMap {
  if (located.type !== 'map' || located.members.size === 0) return false;
  const names = [...located.members.keys()];
  return (
    names.every((name) => described.includes(name)) &&
    names.some((name) => ['type', 'value', 'default'].includes(name))
  );
}

interface Declared {
  readonly name: string;
  readonly located: Located;
  readonly given: string | undefined;
}

function readDescribed(inputs: Fields, map: LocatedMap, { name, given }: Declared): string | undefined {
  const typeNode = map.members.get('type')?.value;
  const type = typeNode?.type === 'scalar' ? typeNode.text.toLowerCase() : undefined;
  if (typeNode !== undefined && (type === undefined || !Object.hasOwn(fits, type))) {
    inputs.problem(
      `the type of '${name}' must be string, integer, float, boolean, json, object or list, and is ${nounOf(typeNode)}`,
      typeNode.at,
    );
    return undefined;
  }
  const value = map.members.get('value')?.value ?? map.members.get('default')?.value;
  const json = given ?? (value === undefined ? undefined : jsonOf(value));
  if (json === undefined || json === 'null') {
    const required = map.members.get('required')?.value;
    if (required?.type === 'scalar' && required.text === 'true') {
      inputs.problem(
        `'${name}' is required and has no value; write one, or give it with: --param ${name} VALUE`,
        inputs.keyAt(name),
      );
    }
    if (type === undefined) return map.members.has('value') ? json : undefined;
    return emptyValues[type];
  }
  const typed = type === undefined ? json : ofType(type, json);
  if (typed === undefined)
    inputs.problem(`'${name}' must be of type ${type}, and is ${json}`, value?.at ?? map.at);
  return typed;
}

function readInput(inputs: Fields, declared: Declared): string | undefined {
  const { located, given } = declared;
  if (isDescribed(located)) return readDescribed(inputs, located, declared);
  if (given !== undefined) return given;
  if (located.type === 'scalar' && located.kind === 'string' && Object.hasOwn(emptyValues, located.text)) {
    return emptyValues[located.text];
  }
  return located.type === 'scalar' && located.kind === 'null' ? undefined : jsonOf(located);
}

/** `init: true` of a described input. */
function isForStart(inputs: Fields, located: Located): boolean {
  const init = isDescribed(located) ? located.members.get('init')?.value : undefined;
  if (init === undefined) return false;
  if (init.type === 'scalar' && (init.text === 'true' || init.text === 'false')) return init.text === 'true';
  inputs.problem(`'init' must be true or false, and is ${nounOf(init)}`, init.at);
  return false;
}

/** `encryption: aes-256` of a described input whose value is as the platform has locked it. */
function encryptionOf(inputs: Fields, { located, given }: Declared): { readonly encryption?: string } {
  const scheme = isDescribed(located) ? located.members.get('encryption')?.value : undefined;
  // Another value, from the command line, is in clear.
  if (scheme === undefined || given !== undefined) return {};
  if (scheme.type === 'scalar' && scheme.kind === 'string') return { encryption: scheme.text };
  inputs.problem(`'encryption' must be a text, and is ${nounOf(scheme)}`, scheme.at);
  return {};
}

/** The values of `inputs`; a parameter with neither value nor type is only a description. */
export function readInputs(owner: Fields, parameters: GivenParameters): Map<string, Parameter> {
  const values = new Map<string, Parameter>();
  const inputs = owner.fields('inputs', "'inputs'");
  for (const [name, { value: located }] of inputs?.map.members ?? []) {
    if (inputs === undefined) break;
    const declared = { name, located, given: parameters.take(name) };
    const value = readInput(inputs, declared);
    if (value === undefined) continue;
    values.set(name, {
      json: value,
      init: isForStart(inputs, located),
      ...encryptionOf(inputs, declared),
    });
  }
  return values;
}

/** The values of `inputs` of what has no code to start, and whose values no platform locks, as JSON texts. */
export function readValues(owner: Fields, parameters: GivenParameters): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, { encryption, init, json }] of readInputs(owner, parameters)) {
    values.set(name, json);
    const misplaced = [...(init ? ['init'] : []), ...(encryption === undefined ? [] : ['encryption'])];
    for (const member of misplaced)
      owner.problem(`'${name}' has '${member}', which is for the inputs of actions and packages`);
  }
  return values;
}
