import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NamespaceLimits } from './entities.ts';
import { defaultSystemLimits, effectiveLimits } from './limits.ts';

const value = fc.integer({ min: 0, max: 400_000 });
const own = fc.record<NamespaceLimits>(
  {
    minActionMemory: value,
    maxActionMemory: value,
    minActionTimeout: value,
    maxActionTimeout: value,
    maxActionLogs: value,
    maxActionConcurrency: value,
    maxParameterSize: value,
    maxPayloadSize: value,
    truncationSize: value,
  },
  { requiredKeys: [] },
);

describe('the limits of a namespace', () => {
  it('are the system’s where it has none of its own', () => {
    expect(effectiveLimits(defaultSystemLimits, {})).toEqual(defaultSystemLimits);
  });

  it('are never wider than the system’s', () => {
    fc.assert(
      fc.property(own, (namespace) => {
        const limits = effectiveLimits(defaultSystemLimits, namespace);
        expect(limits.memory.maxMb).toBeLessThanOrEqual(defaultSystemLimits.memory.maxMb);
        expect(limits.memory.minMb).toBeGreaterThanOrEqual(defaultSystemLimits.memory.minMb);
        expect(limits.timeLimit.maxMs).toBeLessThanOrEqual(defaultSystemLimits.timeLimit.maxMs);
        expect(limits.timeLimit.minMs).toBeGreaterThanOrEqual(defaultSystemLimits.timeLimit.minMs);
        expect(limits.logLimit.maxMb).toBeLessThanOrEqual(defaultSystemLimits.logLimit.maxMb);
        expect(limits.concurrencyLimit.max).toBeLessThanOrEqual(defaultSystemLimits.concurrencyLimit.max);
        expect(limits.parameterSizeBytes).toBeLessThanOrEqual(defaultSystemLimits.parameterSizeBytes);
        expect(limits.payloadMaxBytes).toBeLessThanOrEqual(defaultSystemLimits.payloadMaxBytes);
        expect(limits.payloadTruncationBytes).toBeLessThanOrEqual(limits.payloadMaxBytes);
      }),
    );
  });

  it('give actions without limits a standard that lies within', () => {
    expect(effectiveLimits(defaultSystemLimits, { maxActionMemory: 128 }).memory).toEqual({
      minMb: 128,
      stdMb: 128,
      maxMb: 128,
    });
    expect(effectiveLimits(defaultSystemLimits, { minActionTimeout: 90_000 }).timeLimit.stdMs).toBe(90_000);
  });

  it('are rates of their own, higher or lower', () => {
    const limits = effectiveLimits(defaultSystemLimits, {
      invocationsPerMinute: 1000,
      concurrentInvocations: 0,
      maxAlarms: 5000,
    });
    expect(limits).toMatchObject({ invokesPerMinute: 1000, invokesConcurrent: 0, firesPerMinute: 60 });
    expect(limits).toMatchObject({ maxAlarms: 5000, maxWebhooks: 1000 });
  });
});
