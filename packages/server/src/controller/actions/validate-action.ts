import { errorTexts, type ActionLimits, type SystemLimits } from '@vibrissa/protocol';
import { RequestError } from '../../http/request-error.ts';
import { checkEntitySizes, checkSize } from '../entities/entity-sizes.ts';
import type { ActionPut, PutExec } from './action-put.ts';

/** Bytes of an `exec` as it was sent: code, main and image. */
export function execSize(exec: PutExec): number {
  return (
    Buffer.byteLength(exec.code ?? '') +
    Buffer.byteLength(exec.main ?? '') +
    Buffer.byteLength(exec.image ?? '')
  );
}

/** Throws 413 when the code, the parameters or the annotations of a body are too large, in that order. */
export function checkSizes(put: ActionPut, limits: SystemLimits): void {
  if (put.exec !== undefined) checkSize('exec', execSize(put.exec), limits.execSizeBytes);
  checkEntitySizes(put, limits);
}

/** What is wrong with the first limit that is out of its bounds; undefined when all are within. */
export function limitsProblem(given: Partial<ActionLimits>, limits: SystemLimits): string | undefined {
  const { timeLimit, memory, logLimit, concurrencyLimit } = limits;
  return (
    outside(given.timeout, { min: timeLimit.minMs, max: timeLimit.maxMs }, errorTexts.timeLimit) ??
    outside(given.memory, { min: memory.minMb, max: memory.maxMb }, errorTexts.sizeLimit('memory')) ??
    outside(given.logs, { min: logLimit.minMb, max: logLimit.maxMb }, errorTexts.sizeLimit('log')) ??
    outside(given.concurrency, concurrencyLimit, errorTexts.concurrencyLimit) ??
    instancesProblem(given.instances, limits)
  );
}

/** An action has no use for more containers than its namespace has invocations at a time. */
function instancesProblem(instances: number | undefined, limits: SystemLimits): string | undefined {
  if (instances === undefined) return undefined;
  if (instances < 0) return errorTexts.instancesBelow(0);
  const { invokesConcurrent } = limits;
  return instances > invokesConcurrent ? errorTexts.instancesLimit(invokesConcurrent) : undefined;
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
