import { errorTexts, type ActionLimits, type KeyValue, type SystemLimits } from '@vibrissa/protocol';
import { RequestError } from '../../http/request-error.ts';
import type { ActionPut, PutExec } from './action-put.ts';

/** Bytes of an `exec` as it was sent: code, main and image. */
export function execSize(exec: PutExec): number {
  return (
    Buffer.byteLength(exec.code ?? '') +
    Buffer.byteLength(exec.main ?? '') +
    Buffer.byteLength(exec.image ?? '')
  );
}

/** Bytes of parameters or annotations: names and compact values. */
export function keyedSize(pairs: readonly KeyValue[]): number {
  return pairs.reduce(
    (sum, { key, value }) => sum + Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(value)),
    0,
  );
}

/** Throws 413 when the code, the parameters or the annotations of a body are too large, in that order. */
export function checkSizes(put: ActionPut, limits: SystemLimits): void {
  const sizes = [
    ['exec', put.exec === undefined ? 0 : execSize(put.exec), limits.execSizeBytes],
    ['parameters', keyedSize(put.parameters ?? []), limits.parameterSizeBytes],
    ['annotations', keyedSize(put.annotations ?? []), limits.parameterSizeBytes],
  ] as const;
  for (const [what, size, allowed] of sizes) {
    if (size > allowed) throw new RequestError(413, errorTexts.entityTooLarge(what, size, allowed));
  }
}

/** What is wrong with the first limit that is out of its bounds; undefined when all are within. */
export function limitsProblem(given: Partial<ActionLimits>, limits: SystemLimits): string | undefined {
  const { timeLimit, memory, logLimit, concurrencyLimit } = limits;
  return (
    outside(given.timeout, { min: timeLimit.minMs, max: timeLimit.maxMs }, errorTexts.timeLimit) ??
    outside(given.memory, { min: memory.minMb, max: memory.maxMb }, errorTexts.sizeLimit('memory')) ??
    outside(given.logs, { min: logLimit.minMb, max: logLimit.maxMb }, errorTexts.sizeLimit('log')) ??
    outside(given.concurrency, concurrencyLimit, errorTexts.concurrencyLimit)
  );
}

function outside(
  value: number | undefined,
  range: { readonly min: number; readonly max: number },
  text: (value: number, bound: 'exceeds' | 'below', allowed: number) => string,
): string | undefined {
  if (value === undefined) return undefined;
  if (value > range.max) return text(value, 'exceeds', range.max);
  return value < range.min ? text(value, 'below', range.min) : undefined;
}

/** Throws 400 when a limit of the body is outside of what the namespace may use. */
export function checkLimits(put: ActionPut, limits: SystemLimits): void {
  const problem = limitsProblem(put.limits ?? {}, limits);
  if (problem !== undefined) throw new RequestError(400, errorTexts.requirementFailed(problem));
}
