import type { Json } from '@vibrissa/protocol';

/** Results above that are not looked into: reading them costs more than the figure is worth. */
const MAX_CHARS = 64 * 1024;
const NOT_A_NUMBER = 400;

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function statusCodeOf(value: Json | undefined): Json | undefined {
  return isObject(value) && Object.hasOwn(value, 'statusCode') ? value.statusCode : undefined;
}

/**
 * The status that an action's result names: `error.statusCode`, else `statusCode`; 400 for one that is no number.
 * Undefined: it names none.
 */
export function userStatusCode(resultJson: string): number | undefined {
  if (resultJson.length > MAX_CHARS || !resultJson.includes('"statusCode"')) return undefined;
  let result: Json;
  try {
    result = JSON.parse(resultJson) as Json;
  } catch {
    return undefined;
  }
  const given = (isObject(result) ? statusCodeOf(result.error) : undefined) ?? statusCodeOf(result);
  if (given === undefined) return undefined;
  const code = typeof given === 'string' ? Number(given) : given;
  return typeof code === 'number' && Number.isInteger(code) ? code : NOT_A_NUMBER;
}
