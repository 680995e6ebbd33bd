import type { Clock } from '../../base/clock.ts';
import { Deferred } from './deferred.ts';

export interface Bounds {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What rejects when the time is over. */
  readonly late: () => Error;
}

/** The outcome of `work`, unless it takes too long or the signal aborts first; then `work` goes on unheard. */
export async function within<T>(work: Promise<T>, { signal, clock, timeoutMs, late }: Bounds): Promise<T> {
  const end = new Deferred<never>();
  const abort = () => end.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const timer = clock.after(timeoutMs, () => end.reject(late()));
  try {
    return await Promise.race([work, end.promise]);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', abort);
  }
}
