import type { JsonObject } from '@vibrissa/protocol';

/** Reads one member of a body without looking at what the object inherits. */
export function member(body: JsonObject, name: string): JsonObject[string] | undefined {
  return Object.hasOwn(body, name) ? body[name] : undefined;
}
