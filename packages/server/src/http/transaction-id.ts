import type { Ids } from '../base/ids.ts';

/** Begins the ids that the platform gives its own doings; no client may use it. */
const SYSTEM_PREFIX = 'sid_';

// What would break a header or a log line is not taken over.
const USABLE = /^[\x21-\x7e]{1,128}$/;

/** The client's `X-Request-ID` where it may be used, else a new id. */
export function transactionIdOf(header: string | string[] | undefined, ids: Ids): string {
  if (typeof header !== 'string') return ids.transactionId();
  return USABLE.test(header) && !header.startsWith(SYSTEM_PREFIX) ? header : ids.transactionId();
}
