/**
 * The right to act for all instances: at any moment at most one of them holds it.
 *
 * A holder acts only while `isValid(clock.monotonicMs())`, asked right before each act: a process that was stopped for a
 * minute finds its lease over when it wakes, before anybody has told it. The epoch grows from holder to holder, also from
 * one term of office to the next of the same holder, and belongs into everything that outlives it. A lease that ran out,
 * and was renewed before anybody else could have it, is told as lost and acquired again, and may keep its epoch.
 *
 *     const stop = lease.watch((event) => { … });
 *     if (lease.isValid(clock.monotonicMs())) act(lease.current.epoch);
 */
export interface LeaderLease {
  /** Undefined: another instance holds it, or nobody. */
  readonly current: Lease | undefined;
  /** Never throws. `nowMs` is monotonic time of this machine, read now. */
  isValid(nowMs: number): boolean;
  /** Told of each acquisition and then of its end, once each, in this order; at once of one that is held already. */
  watch(listener: (event: LeaseEvent) => void): () => void;
  /** Gives it up: after this has returned `isValid` is false. Another instance, or this one, gets a new epoch. */
  resign(why: string): void;
  /** Resigns, and wants it no more. Idempotent. */
  close(): Promise<void>;
}

export interface Lease {
  readonly epoch: number;
  /** Monotonic milliseconds of this machine. It is renewed while it lasts. */
  readonly validUntilMs: number;
}

export type LeaseEvent =
  | { readonly kind: 'acquired'; readonly epoch: number }
  | { readonly kind: 'lost'; readonly epoch: number; readonly why: string };
