import { qualifiedName, type ActivationMessage } from '@vibrissa/protocol';

/** What every log line about an activation names. */
export type ActivationLogFields = {
  readonly transactionId: string;
  readonly activationId: string;
  /** `ns/[pkg/]name` */
  readonly action: string;
};

/** The fields of a log line about this activation. */
export function logFieldsOf({
  transactionId,
  activationId,
  action,
}: Pick<ActivationMessage, 'transactionId' | 'activationId' | 'action'>): ActivationLogFields {
  return { transactionId, activationId, action: qualifiedName(action) };
}
