import { errorTexts, type Parameter, type SystemLimits } from '@vibrissa/protocol';
import { RequestError } from '../../http/request-error.ts';
import type { EntityPut } from './entity-put.ts';

/** Bytes of parameters or annotations: names and compact values, and what they are locked with. */
function keyedSize(pairs: readonly Parameter[]): number {
  return pairs.reduce(
    (sum, { key, value, encryption = '' }) =>
      sum + Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(value)) + Buffer.byteLength(encryption),
    0,
  );
}

/** Throws 413 when that part of an entity is larger than allowed, both in bytes. */
export function checkSize(what: string, size: number, allowed: number): void {
  if (size > allowed) throw new RequestError(413, errorTexts.entityTooLarge(what, size, allowed));
}

/** Throws 413 when the parameters or the annotations of a body are too large, in that order. */
export function checkEntitySizes(put: EntityPut, { parameterSizeBytes }: SystemLimits): void {
  checkSize('parameters', keyedSize(put.parameters ?? []), parameterSizeBytes);
  checkSize('annotations', keyedSize(put.annotations ?? []), parameterSizeBytes);
}
