import { errorTexts, type Parameter, type SystemLimits } from '@vibrissa/protocol';
import { isLockScheme, lockExpansion } from '../../parameters/parameter-cipher.ts';
import { RequestError } from '../../http/request-error.ts';
import type { EntityPut } from './entity-put.ts';

function sizeOf(parameter: Parameter): number {
  const { key, value, encryption = '' } = parameter;
  const clear = Buffer.byteLength(JSON.stringify(value)) - lockExpansion(parameter);
  return Buffer.byteLength(key) + clear + (isLockScheme(encryption) ? 0 : Buffer.byteLength(encryption));
}

/** Bytes of parameters or annotations: names, and compact values as they are in clear. */
function keyedSize(pairs: readonly Parameter[]): number {
  return pairs.reduce((sum, pair) => sum + sizeOf(pair), 0);
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
