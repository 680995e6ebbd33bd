import type { AcknowledgementMessage } from '@vibrissa/protocol';
import type { Concluded } from '../run/conclude-activation.ts';

/**
 * What became of a job and of its container. The acknowledgement is for the pool to send, once it has the container
 * back: who gets it may ask for the next run at once.
 */
export type RunEnd =
  /** The job has its record; the container may take the next. */
  | { readonly end: 'completed'; readonly acknowledgement?: AcknowledgementMessage }
  /** The job did not start: it may run elsewhere. The container must go. */
  | {
      readonly end: 'rejected';
      readonly why: string;
      /** Nothing that the code could have done: if it ends like this again and again, the platform is to blame. */
      readonly byPlatform?: boolean;
    }
  /** The job has its record; the container must go. */
  | { readonly end: 'broken'; readonly why: string; readonly acknowledgement?: AcknowledgementMessage };

type Said = Pick<Concluded, 'acknowledgement'>;

export function completed({ acknowledgement }: Said): RunEnd {
  return acknowledgement ? { end: 'completed', acknowledgement } : { end: 'completed' };
}

export function broken(why: string, { acknowledgement }: Said): RunEnd {
  return { end: 'broken', why, ...(acknowledgement && { acknowledgement }) };
}
