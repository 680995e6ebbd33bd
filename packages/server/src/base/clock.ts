/** A timer that can be cancelled; cancelling twice does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time, injected: nothing outside this file reads a clock or sets a timer. */
export interface Clock {
  /** Epoch milliseconds; may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds that only grow: for durations and deadlines. */
  monotonicMs(): number;
  /** Epoch nanoseconds, for log lines. */
  epochNs(): bigint;
  /** Calls `run` once after `delayMs`. The timer does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` every `periodMs` until cancelled. The timer does not keep the process alive. */
  every(periodMs: number, run: () => void): Timer;
  /** Resolves after `delayMs`, or rejects with the signal's reason. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Fine time stamps may be off from the wall clock by so much before they follow it. */
const MAX_DRIFT_MS = 20;

class SystemClock implements Clock {
  /** Epoch milliseconds at which the monotonic clock was 0. */
  #originMs = performance.timeOrigin;

  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  epochNs(): bigint {
    const monotonicMs = performance.now();
    const wallMs = Date.now();
    // The clock was set, or the machine slept, which the monotonic clock doesn't see.
    if (Math.abs(wallMs - (this.#originMs + monotonicMs)) > MAX_DRIFT_MS)
      this.#originMs = wallMs - monotonicMs;
    return BigInt(Math.round((this.#originMs + monotonicMs) * 1000)) * 1000n;
  }

  after(delayMs: number, run: () => void): Timer {
    const handle = setTimeout(run, delayMs).unref();
    return { cancel: () => clearTimeout(handle) };
  }

  every(periodMs: number, run: () => void): Timer {
    const handle = setInterval(run, periodMs).unref();
    return { cancel: () => clearInterval(handle) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const handle = setTimeout(resolve, delayMs);
      signal?.addEventListener(
        'abort',
        () => {
          clearTimeout(handle);
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
  }
}

/** The machine's own time. */
export const systemClock: Clock = new SystemClock();
