import { qualifiedName, type ActivationMessage } from '@vibrissa/protocol';

/** What every log line about an activation names. */
export type ActivationLogFields = {
  readonly transactionId: string;
  /** The client's, where this is a part of what it asked for. */
  readonly parentTransactionId?: string | undefined;
  readonly activationId: string;
  /** `ns/[pkg/]name` */
  readonly action: string;
};

/** The fields of a log line about this activation. */
export function logFieldsOf({
  transactionId,
  parentTransactionId,
  activationId,
  action,
}: Pick<
  ActivationMessage,
  'transactionId' | 'parentTransactionId' | 'activationId' | 'action'
>): ActivationLogFields {
  return { transactionId, parentTransactionId, activationId, action: qualifiedName(action) };
}
