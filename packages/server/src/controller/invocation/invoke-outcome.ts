import type { ActivationRecord } from '@vibrissa/protocol';

/** What became of a request to invoke an action. The route turns it into a status code. */
export type InvokeOutcome =
  /** It runs, or will: 202. Its record is certain. */
  | { readonly outcome: 'accepted'; readonly activationId: string }
  /** It ran within the wait: 200, 502 or 500 by the record's status. */
  | { readonly outcome: 'finished'; readonly activationId: string; readonly record: ActivationRecord }
  /** It does not run, or nothing can be promised of it. */
  | {
      readonly outcome: 'refused';
      readonly status: 400 | 403 | 413 | 429 | 500 | 503;
      readonly message: string;
    };
