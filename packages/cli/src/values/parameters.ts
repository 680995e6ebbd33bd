import { jsonElements, jsonMembers, jsonObject } from './json-text.ts';

/** What is bound to an action under one name. */
export interface Parameter {
  /** The value, as JSON text. */
  readonly json: string;
  /** The code gets it as a variable of its environment when it starts, and not as an argument. */
  readonly init: boolean;
  /** How the platform has locked the value; absent: it is in clear. */
  readonly encryption?: string;
}

/** OpenWhisk's list of `{"key":…,"value":…,"init":true,"encryption":…}`. */
export function parametersJson(parameters: ReadonlyMap<string, Parameter>): string {
  const items = Array.from(parameters, ([key, { encryption, init, json }]) =>
    jsonObject([
      ['key', JSON.stringify(key)],
      ['value', json],
      ['init', init ? 'true' : undefined],
      ['encryption', encryption === undefined ? undefined : JSON.stringify(encryption)],
    ]),
  );
  return `[${items.join(',')}]`;
}

/** Parameters from such a list; the last of equal names wins. */
export function readParameters(json: string | undefined): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const item of json === undefined ? [] : jsonElements(json)) {
    const members = jsonMembers(item);
    const key = members.get('key');
    if (key === undefined) continue;
    const value = members.get('value') ?? 'null';
    const encryption = members.get('encryption');
    parameters.set(JSON.parse(key) as string, {
      json: value,
      init: members.get('init') === 'true',
      ...(encryption?.startsWith('"') && { encryption: JSON.parse(encryption) as string }),
    });
  }
  return parameters;
}
