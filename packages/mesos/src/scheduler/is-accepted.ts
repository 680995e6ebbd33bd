import type { CallAnswer } from '../transport/transport.ts';

/** Mesos answers 202, and UPDATE_FRAMEWORK with 200. It says that the call was well-formed, not that it had an effect. */
export function isAccepted({ status }: Pick<CallAnswer, 'status'>): boolean {
  return status === 200 || status === 202;
}
