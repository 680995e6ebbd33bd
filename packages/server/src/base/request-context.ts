import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Trail } from './trail.ts';

/** What every step of a request knows; the explicit first parameter of each. */
export interface RequestContext {
  readonly transactionId: string;
  /** The client's transaction that it is a part of, however deep; absent for the client's own. */
  readonly parentTransactionId?: string;
  /** Epoch milliseconds at which the request arrived. */
  readonly startedAt: number;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Aborted when the client has gone or the platform stops. */
  readonly signal?: AbortSignal;
  /** Follows its steps; absent where nobody does. */
  readonly trail?: Trail | undefined;
  /** Its steps are logged whatever the level, and its activations recorded whatever the store levels. */
  readonly extraLogging?: boolean;
}
