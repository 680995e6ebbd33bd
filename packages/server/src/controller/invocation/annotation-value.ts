import type { Json, KeyValue } from '@vibrissa/protocol';

/** OpenWhisk's idea of a set annotation: there, and anything but false, null, 0 and the empty text. */
export function isAnnotated(annotations: readonly KeyValue[], key: string): boolean {
  const value: Json | undefined = annotations.findLast((annotation) => annotation.key === key)?.value;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}
