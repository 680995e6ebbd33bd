import {
  WHISK_ERROR,
  type ActionLimits,
  type ActivationMessage,
  type ActivationRecord,
} from '@vibrissa/protocol';
import { qualifiedName } from '@vibrissa/protocol';

/** Why an activation has no outcome of its own. */
const sentences = {
  /** The platform ended, and the code had been handed to its container. */
  started:
    'The platform stopped before this activation finished. Its code had started to run; how far it came is unknown.',
  /** The platform ended, and nothing of the code had run. */
  notStarted: 'The platform stopped before this activation ran. Its code had not started.',
  /** An invoker never answered. */
  lost: 'The invoker did not answer for this activation in time. Whether its code had started to run is unknown.',
  /** It could not be handed to an invoker. */
  unpublished: 'This activation could not be handed to an invoker. Its code had not started.',
} as const;

/** The terminal record (whisk internal error) of an activation whose outcome nobody can know. */
export function stoppedRecord(
  message: ActivationMessage,
  why: keyof typeof sentences,
  action?: { readonly kind: string; readonly limits: ActionLimits },
): ActivationRecord {
  const { user, transactionStart } = message;
  return {
    activationId: message.activationId,
    namespace: user.namespace.name,
    subject: user.subject,
    path: qualifiedName(message.action),
    name: message.action.name,
    version: message.version,
    start: transactionStart,
    end: transactionStart,
    duration: 0,
    kind: action?.kind ?? 'unknown',
    timeout: false,
    ...(action && { limits: action.limits }),
    ...(message.cause !== undefined && { cause: message.cause }),
    ...(message.binding !== undefined && { binding: message.binding }),
    response: { statusCode: WHISK_ERROR, resultJson: JSON.stringify({ error: sentences[why] }) },
  };
}
