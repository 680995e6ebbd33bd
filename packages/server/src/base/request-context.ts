import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** What every step of a request knows; the explicit first parameter of each. */
export interface RequestContext {
  readonly transactionId: string;
  /** Epoch milliseconds at which the request arrived. */
  readonly startedAt: number;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Aborted when the client has gone or the platform stops. */
  readonly signal?: AbortSignal;
}
