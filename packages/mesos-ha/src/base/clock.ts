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
  /** Calls `run` once after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
}

/** The machine's own time; the same that the cluster's lease is counted in. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
