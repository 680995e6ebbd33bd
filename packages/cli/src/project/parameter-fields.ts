import type { Parameter } from '../values/parameters.ts';
import { group, type Entity } from './entity.ts';

/** Parameters as fields of an entity: `parameters.NAME`, and `init.NAME` of those that are for the start of the code. */
export function parameterFields(parameters: ReadonlyMap<string, Parameter>): [string, string][] {
  return Array.from(parameters).flatMap(([name, { json, init }]): [string, string][] => [
    [`parameters.${name}`, json],
    ...(init ? [[`init.${name}`, 'true'] as [string, string]] : []),
  ]);
}

/** The parameters that an entity's fields tell. */
export function parametersOf(entity: Entity): Map<string, Parameter> {
  const init = group(entity, 'init');
  const values = group(entity, 'parameters');
  return new Map(Array.from(values, ([name, json]) => [name, { json, init: init.has(name) }] as const));
}
