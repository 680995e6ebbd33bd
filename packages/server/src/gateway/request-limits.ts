import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import type { RequestRate } from './compiled-api.ts';

interface Account {
  readonly limit: RequestRate;
  /** When all that was asked so far would be paid for, in epoch milliseconds. */
  paidAt: number;
}

/** Callers that are counted at the same time; one who was forgotten begins anew. */
const MAX_CALLERS = 10_000;
/** What arithmetic may lose. */
const TOLERANCE_MS = 1e-3;

function isSame(a: RequestRate, b: RequestRate): boolean {
  return a.rate === b.rate && a.intervalMs === b.intervalMs;
}

/**
 * Counts the requests of callers: `rate` of them may come at once, and each is free again after its part of the interval. Counts
 * are of this process, and begin anew when it does.
 */
export class RequestLimits {
  readonly #clock: Clock;
  readonly #accounts = new LRUCache<string, Account>({ max: MAX_CALLERS });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more request: undefined when it may pass, else in how many milliseconds one may. */
  take(who: string, limit: RequestRate): number | undefined {
    const now = this.#clock.now();
    const known = this.#accounts.get(who);
    const account = known && isSame(known.limit, limit) ? known : { limit, paidAt: now };
    if (account !== known) this.#accounts.set(who, account);
    const costMs = limit.intervalMs / limit.rate;
    // A clock that was set back makes nobody wait for longer than the interval.
    const owedMs = Math.min(Math.max(0, account.paidAt - now), limit.intervalMs);
    const waitMs = owedMs + costMs - limit.intervalMs;
    if (waitMs > TOLERANCE_MS) return Math.ceil(waitMs);
    account.paidAt = now + owedMs + costMs;
    return undefined;
  }
}
