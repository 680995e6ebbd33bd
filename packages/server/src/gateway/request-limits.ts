import type { Clock } from '../base/clock.ts';
import type { RequestRate } from './compiled-api.ts';

interface Account {
  readonly limit: RequestRate;
  /** When all that was asked so far would be paid for, in epoch milliseconds. */
  paidAt: number;
}

/** More than a namespace has APIs and keys at a time. Beyond it, whoever came longest ago begins anew. */
const MAX_CALLERS = 2000;
/** What arithmetic may lose. */
const TOLERANCE_MS = 1e-3;

/** Whose requests are counted together. */
interface Caller {
  /** The API's owner: callers of one owner's APIs never push out those of another's. */
  readonly namespace: string;
  readonly basePath: string;
  /** The key's id; absent where the API asks for none. */
  readonly key: string | undefined;
}

function isSame(a: RequestRate, b: RequestRate): boolean {
  return a.rate === b.rate && a.intervalMs === b.intervalMs;
}

/**
 * Counts the requests of callers: `rate` of them may come at once, and each is free again after its part of the interval. Counts
 * are of this process, and begin anew when it does.
 */
export class RequestLimits {
  readonly #clock: Clock;
  /** By namespace; in each, whoever came longest ago first. */
  readonly #accounts = new Map<string, Map<string, Account>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more request: undefined when it may pass, else in how many milliseconds one may. */
  take(caller: Caller, limit: RequestRate): number | undefined {
    const now = this.#clock.now();
    const account = this.#accountOf(caller, { limit, paidAt: now });
    const costMs = limit.intervalMs / limit.rate;
    // A clock that was set back makes nobody wait for longer than the interval.
    const owedMs = Math.min(Math.max(0, account.paidAt - now), limit.intervalMs);
    const waitMs = owedMs + costMs - limit.intervalMs;
    if (waitMs > TOLERANCE_MS) return Math.ceil(waitMs);
    account.paidAt = now + owedMs + costMs;
    return undefined;
  }

  #accountOf({ namespace, basePath, key = '' }: Caller, fresh: Account): Account {
    const accounts = this.#accounts.get(namespace) ?? new Map<string, Account>();
    this.#accounts.set(namespace, accounts);
    const who = `${basePath} ${key}`;
    const known = accounts.get(who);
    const account = known && isSame(known.limit, fresh.limit) ? known : fresh;
    accounts.delete(who);
    accounts.set(who, account);
    if (accounts.size > MAX_CALLERS) {
      // Only now: to find it costs a walk over all that moved to the end since the map was last tidied.
      const [oldest] = accounts.keys();
      if (oldest !== undefined) accounts.delete(oldest);
    }
    return account;
  }
}
