import type { Config } from '../config/schema.ts';
import type { InvokerConfig } from '../invoker/invoker-config.ts';
import { systemLimitsOf } from './system-limits.ts';

/** The settings that are the invoker's; the memory for all its containers may be what a cluster allows. */
export function invokerConfigOf(config: Config, userMemoryMb: number): Partial<InvokerConfig> {
  const { activation, containerPool, containerProxy } = config;
  return {
    userMemoryMb,
    prewarm: containerPool.prewarm,
    pauseGraceMs: containerProxy.timeouts.pauseGrace,
    idleContainerMs: containerProxy.timeouts.idleContainer,
    limits: systemLimitsOf(config),
    storeBlockingResultLevel: activation.storeBlockingResultLevel,
    storeNonBlockingResultLevel: activation.storeNonBlockingResultLevel,
  };
}
