import type { Json } from './app-spec.ts';

/** A field that should hold an object: empty when it doesn't. */
export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** A field that should hold a list of objects. */
export function objectsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** A field that should hold a number: 0 when it doesn't. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
