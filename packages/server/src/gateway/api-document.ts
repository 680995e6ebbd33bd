import type { Json, JsonObject } from '@vibrissa/protocol';

/**
 * An API as users send and get it: a Swagger 2.0 document. The gateway's own part of it stands in
 * `x-ibm-configuration` (which action serves which operation) and `x-gateway-rate-limit`.
 */
export type ApiDocument = JsonObject;

/** The methods of an API, as Swagger writes them. */
export const verbs = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;

export type Verb = (typeof verbs)[number];

export function isVerb(text: string): text is Verb {
  return (verbs as readonly string[]).includes(text);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is the object's own: `__proto__` of a hostile document is data like any other. */
export function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function textMember(value: Json | undefined, name: string): string | undefined {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : undefined;
}

/** A JSON pointer, as a fragment: where in a document something is wrong. */
export function pointer(...parts: readonly (string | number)[]): string {
  return `#${parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
}
