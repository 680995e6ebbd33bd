import {
  APPLICATION_ERROR,
  errorTexts,
  qualifiedName,
  type ActivationMessage,
  type ActivationRecord,
} from '@vibrissa/protocol';
import { errorResponse, type CompositeEnd, type CompositeRun } from './composite-run.ts';
import { compositeTraits, stoppedRecord } from './stopped-record.ts';

/** The record of a run that has ended. Its duration is that of its parts, without the time between them. */
export function endRecord(run: CompositeRun, end: CompositeEnd, now: number): ActivationRecord {
  const { message, partsMs, startedAt, target } = run;
  const { entity } = target.action;
  const limits = { ...entity.limits, memory: run.memoryMb || entity.limits.memory };
  const endedAt = Math.max(startedAt, now);
  if (end === 'stopped') {
    const known = { startedAt, endedAt, kind: entity.exec.kind, limits };
    return { ...stoppedRecord(message, 'started', known), duration: partsMs };
  }
  return {
    activationId: message.activationId,
    namespace: message.user.namespace.name,
    subject: message.user.subject,
    path: qualifiedName(target.name),
    name: entity.name,
    version: entity.version,
    start: startedAt,
    end: endedAt,
    duration: partsMs,
    waitTime: Math.max(0, startedAt - message.transactionStart),
    ...compositeTraits(message),
    limits,
    ...(message.cause !== undefined && { cause: message.cause }),
    ...(message.binding !== undefined && { binding: message.binding }),
    response: end,
  };
}

/** The record of an intent that outlived its sequence. */
export function goneRecord(message: ActivationMessage): ActivationRecord {
  const response = errorResponse(APPLICATION_ERROR, errorTexts.actionGone);
  return { ...stoppedRecord(message, 'notStarted'), response };
}
