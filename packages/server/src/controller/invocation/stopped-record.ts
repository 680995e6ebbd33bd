import {
  SEQUENCE_KIND,
  WHISK_ERROR,
  type ActivationMessage,
  type ActivationRecord,
} from '@vibrissa/protocol';
import { qualifiedName } from '@vibrissa/protocol';
import type { StoppedRun } from '../../messaging/topics.ts';

/** Why an activation has no outcome of its own. */
const sentences = {
  /** The platform ended, and the code had been handed to its container. */
  started:
    'The platform stopped before this activation finished. Its code had started to run; how far it came is unknown.',
  /** The same, of what is made of other actions. */
  partsStarted:
    'The platform stopped before this sequence finished. The activations that name it as their cause tell how far it came.',
  /** The platform ended, and nothing of the code had run. */
  notStarted: 'The platform stopped before this activation ran. Its code had not started.',
  /** An invoker never answered. */
  lost: 'The invoker did not answer for this activation in time. Whether its code had started to run is unknown.',
  /** It could not be handed to an invoker. */
  unpublished: 'This activation could not be handed to an invoker. Its code had not started.',
} as const;

/**
 * What is known of the activation. After a crash there are no times: when its code ended, between the crash and the next
 * start, nobody knows.
 */
type KnownRun = Partial<Pick<StoppedRun, 'startedAt' | 'endedAt'>> & Pick<StoppedRun, 'kind' | 'limits'>;

/** What tells the record of a sequence or composition from that of an action. */
export function compositeTraits({
  cause,
  composite,
}: Pick<ActivationMessage, 'cause' | 'composite'>): Pick<ActivationRecord, 'kind' | 'topmost' | 'conductor'> {
  return {
    kind: SEQUENCE_KIND,
    topmost: cause === undefined,
    ...(composite === 'composition' && { conductor: true }),
  };
}

/** The terminal record (whisk internal error) of an activation whose outcome nobody can know. */
export function stoppedRecord(
  message: ActivationMessage,
  why: Exclude<keyof typeof sentences, 'partsStarted'>,
  run?: KnownRun,
): ActivationRecord {
  const { user, transactionStart, composite } = message;
  const start = run?.startedAt ?? transactionStart;
  const end = Math.max(start, run?.endedAt ?? start);
  return {
    activationId: message.activationId,
    namespace: user.namespace.name,
    subject: user.subject,
    path: qualifiedName(message.action),
    name: message.action.name,
    version: message.version,
    start,
    end,
    duration: end - start,
    ...(run?.startedAt !== undefined && { waitTime: Math.max(0, start - transactionStart) }),
    ...(composite ? compositeTraits(message) : { kind: run?.kind ?? 'unknown', timeout: false }),
    ...(run && { limits: run.limits }),
    ...(message.cause !== undefined && { cause: message.cause }),
    ...(message.binding !== undefined && { binding: message.binding }),
    response: {
      statusCode: WHISK_ERROR,
      resultJson: JSON.stringify({ error: sentences[composite && why === 'started' ? 'partsStarted' : why] }),
    },
  };
}
