import type { Clock } from '@vibrissa/cluster';

/** Resolves after a while, or as soon as one of the signals fires; never rejects. */
export function pause(
  clock: Clock,
  ms: number,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      for (const signal of signals) signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(ms, done);
    for (const signal of signals) {
      if (signal?.aborted) return done();
      signal?.addEventListener('abort', done, { once: true });
    }
  });
}
