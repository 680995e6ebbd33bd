import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import type { RateLimit } from './compiled-api.ts';

interface Bucket {
  /** Requests that may still come at once. */
  level: number;
  readonly limit: RateLimit;
  at: number;
}

/** Callers that are counted at the same time; one who was forgotten begins anew. */
const MAX_BUCKETS = 100_000;

function isSame(a: RateLimit, b: RateLimit): boolean {
  return a.rate === b.rate && a.intervalMs === b.intervalMs;
}

/**
 * Counts the requests of callers: a bucket of `rate` requests that fills up evenly within the interval. Counts are of this
 * process, and begin anew when it does.
 */
export class RequestLimits {
  readonly #clock: Clock;
  readonly #buckets = new LRUCache<string, Bucket>({ max: MAX_BUCKETS });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more request: undefined when it may pass, else in how many milliseconds one may. */
  take(who: string, limit: RateLimit): number | undefined {
    const now = this.#clock.now();
    const known = this.#buckets.get(who);
    const bucket = known && isSame(known.limit, limit) ? known : { level: limit.rate, limit, at: now };
    if (bucket !== known) this.#buckets.set(who, bucket);
    const perMs = limit.rate / limit.intervalMs;
    // A clock that was set back takes nothing away.
    bucket.level = Math.min(limit.rate, bucket.level + Math.max(0, now - bucket.at) * perMs);
    bucket.at = now;
    if (bucket.level < 1) return Math.ceil((1 - bucket.level) / perMs);
    bucket.level -= 1;
    return undefined;
  }
}
