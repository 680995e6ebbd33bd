import type { Parameter } from '../values/parameters.ts';
import { group, type Entity } from './entity.ts';

/**
 * Parameters as fields of an entity: `parameters.NAME`, `init.NAME` of those that are for the start of the code, and
 * `encryption.NAME` of those whose values are locked.
 */
export function parameterFields(parameters: ReadonlyMap<string, Parameter>): [string, string][] {
  return Array.from(parameters).flatMap(([name, { encryption, json, init }]): [string, string][] => [
    [`parameters.${name}`, json],
    ...(init ? [[`init.${name}`, 'true'] as [string, string]] : []),
    ...(encryption === undefined
      ? []
      : [[`encryption.${name}`, JSON.stringify(encryption)] as [string, string]]),
  ]);
}

/** The parameters that an entity's fields tell. */
export function parametersOf(entity: Entity): Map<string, Parameter> {
  const init = group(entity, 'init');
  const encryption = group(entity, 'encryption');
  const values = group(entity, 'parameters');
  const parameterOf = (name: string, json: string): Parameter => {
    const locked = encryption.get(name);
    const parameter = { json, init: init.has(name) };
    return locked === undefined ? parameter : { ...parameter, encryption: JSON.parse(locked) as string };
  };
  return new Map(Array.from(values, ([name, json]) => [name, parameterOf(name, json)]));
}
