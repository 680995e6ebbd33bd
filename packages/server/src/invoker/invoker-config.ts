import { defaultSystemLimits, type SystemLimits } from '@vibrissa/protocol';
import type { StoreLevel } from '../store/kept-records.ts';

/** The invoker's settings; what is left out takes the default of {@link defaultInvokerConfig}. */
export interface InvokerConfig {
  /** Memory for all containers together. */
  readonly userMemoryMb: number;
  /** An idle container is frozen after this. */
  readonly pauseGraceMs: number;
  /** A frozen container is removed after this. */
  readonly idleContainerMs: number;
  /** Keeps stem cells ready. */
  readonly prewarm: boolean;
  readonly prewarmCheckMs: number;
  /** The check comes up to this much earlier or later. */
  readonly prewarmVarianceMs: number;
  /** At most so many expired stem cells are removed at a check. */
  readonly prewarmExpirationLimit: number;
  /** A waiting activation for which others' containers have to be given up waits this long first. */
  readonly fairnessMs: number;
  /** With so many waiting in the pool no more are taken from the bus. */
  readonly maxWaiting: number;
  /** Containers found dead before an activation ran in them, until it is given up. */
  readonly maxAttempts: number;
  readonly pingMs: number;
  readonly limits: SystemLimits;
  readonly storeBlockingResultLevel: StoreLevel;
  readonly storeNonBlockingResultLevel: StoreLevel;
}

/** OpenWhisk's defaults where it has the setting. */
export const defaultInvokerConfig: InvokerConfig = {
  userMemoryMb: 1024,
  pauseGraceMs: 10_000,
  idleContainerMs: 600_000,
  prewarm: true,
  prewarmCheckMs: 600_000,
  prewarmVarianceMs: 10_000,
  prewarmExpirationLimit: 100,
  fairnessMs: 500,
  maxWaiting: 10_000,
  maxAttempts: 4,
  pingMs: 1000,
  limits: defaultSystemLimits,
  storeBlockingResultLevel: 'STORE_ALWAYS',
  storeNonBlockingResultLevel: 'STORE_ALWAYS',
};
