import type { SystemLimits } from '@vibrissa/protocol';

import type { Config } from '../config/schema.ts';

/** The settings that are limits, as the API and the entitlement checks take them. */
export function systemLimitsOf(config: Config): SystemLimits {
  const { activation, concurrencyLimit, limits, logLimit, memory, queryLimit, sizes, timeLimit } = config;
  return {
    timeLimit: { minMs: timeLimit.min, stdMs: timeLimit.std, maxMs: timeLimit.max },
    memory: { minMb: memory.min, stdMb: memory.std, maxMb: memory.max },
    logLimit: { minMb: logLimit.min, stdMb: logLimit.std, maxMb: logLimit.max },
    concurrencyLimit: { min: concurrencyLimit.min, std: concurrencyLimit.std, max: concurrencyLimit.max },
    invokesPerMinute: limits.actions.invokes.perMinute,
    invokesConcurrent: limits.actions.invokes.concurrent,
    firesPerMinute: limits.triggers.fires.perMinute,
    maxAlarms: limits.feeds.alarms,
    maxWebhooks: limits.feeds.webhooks,
    sequenceMaxLength: limits.actions.sequence.maxLength,
    parameterSizeBytes: sizes.parameters,
    payloadMaxBytes: activation.payload.max,
    payloadTruncationBytes: activation.payload.truncation,
    execSizeBytes: sizes.exec,
    listLimit: { std: queryLimit.defaultListLimit, max: queryLimit.maxListLimit },
    maxBlockingWaitMs: activation.maxBlockingWait,
  };
}
