import type { Config } from '../config/schema.ts';
import type { InvokerConfig } from '../invoker/invoker-config.ts';
import { systemLimitsOf } from './system-limits.ts';

/** The settings that are the invoker's. */
export function invokerConfigOf(config: Config): Partial<InvokerConfig> {
  const { activation, containerPool, containerProxy } = config;
  return {
    userMemoryMb: containerPool.userMemoryMb,
    prewarm: containerPool.prewarm,
    pauseGraceMs: containerProxy.timeouts.pauseGrace,
    idleContainerMs: containerProxy.timeouts.idleContainer,
    limits: systemLimitsOf(config),
    storeBlockingResultLevel: activation.storeBlockingResultLevel,
    storeNonBlockingResultLevel: activation.storeNonBlockingResultLevel,
  };
}
