import type { Json } from '../membership/member.ts';

/** How deep values may be nested: `JSON.stringify` and readers that call themselves take this easily. */
export const MAX_JSON_DEPTH = 200;

/**
 * Is it what JSON can say, without Infinity (which `1e999` becomes), and at most {@link MAX_JSON_DEPTH} deep? A value that
 * is not must never come into the log: every receiver would refuse it, again and again.
 */
export function isJson(value: unknown): value is Json {
  return isJsonWithin(value, MAX_JSON_DEPTH);
}

/** What the map holds; less deep than packets, because log and snapshot are wrapped around it. */
export const MAX_VALUE_DEPTH = 100;

export function isMapValue(value: unknown): value is Json {
  return isJsonWithin(value, MAX_VALUE_DEPTH);
}

function isJsonWithin(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      return depth > 0 && Object.values(value).every((item) => isJsonWithin(item, depth - 1));
    default:
      return false;
  }
}
