import type { NamespaceLimits } from './entities.ts';

/**
 * The platform's own limits (`std` is what an action gets that names none); a namespace may have tighter ones, see {@link effectiveLimits}.
 */
export interface SystemLimits {
  readonly timeLimit: { readonly minMs: number; readonly stdMs: number; readonly maxMs: number };
  readonly memory: { readonly minMb: number; readonly stdMb: number; readonly maxMb: number };
  readonly logLimit: { readonly minMb: number; readonly stdMb: number; readonly maxMb: number };
  readonly concurrencyLimit: { readonly min: number; readonly std: number; readonly max: number };
  readonly invokesPerMinute: number;
  readonly invokesConcurrent: number;
  readonly firesPerMinute: number;
  /** Alarms that a namespace may have; each one is in memory. */
  readonly maxAlarms: number;
  readonly maxWebhooks: number;
  /** Components of a sequence. */
  readonly sequenceMaxLength: number;
  /** Of an action's bound parameters, and of its annotations. */
  readonly parameterSizeBytes: number;
  /** Of arguments and of results. */
  readonly payloadMaxBytes: number;
  /** What is kept of a result that is too large. */
  readonly payloadTruncationBytes: number;
  /** Code, main and image of an action, as sent. */
  readonly execSizeBytes: number;
  readonly listLimit: { readonly std: number; readonly max: number };
  /** How long a blocking invocation waits at most before it answers 202. */
  readonly maxBlockingWaitMs: number;
}

const MEBIBYTE = 1024 * 1024;

/** OpenWhisk's defaults, where it has such a limit. */
export const defaultSystemLimits: SystemLimits = {
  timeLimit: { minMs: 100, stdMs: 60_000, maxMs: 300_000 },
  memory: { minMb: 128, stdMb: 256, maxMb: 512 },
  logLimit: { minMb: 0, stdMb: 10, maxMb: 10 },
  concurrencyLimit: { min: 1, std: 1, max: 1 },
  invokesPerMinute: 60,
  invokesConcurrent: 30,
  firesPerMinute: 60,
  maxAlarms: 1000,
  maxWebhooks: 1000,
  sequenceMaxLength: 50,
  parameterSizeBytes: MEBIBYTE,
  payloadMaxBytes: MEBIBYTE,
  payloadTruncationBytes: MEBIBYTE,
  execSizeBytes: 48 * MEBIBYTE,
  listLimit: { std: 30, max: 200 },
  maxBlockingWaitMs: 60_000,
};

/** Upper bounds: a namespace's value counts only where it is tighter than the system's. */
function atMost(system: number, own: number | undefined): number {
  return own === undefined ? system : Math.min(system, own);
}

/** Lower bounds: a namespace may ask for more than the system's least, never for less. */
function atLeast(system: number, own: number | undefined): number {
  return own === undefined ? system : Math.max(system, own);
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}

/**
 * The limits of one namespace: what its administrator set, bounded by the system's values. Rates, and how many
 * alarms and webhooks there may be, are different: an administrator may give a namespace more than the system's default, or less.
 */
export function effectiveLimits(system: SystemLimits, namespace: NamespaceLimits): SystemLimits {
  const minMs = atLeast(system.timeLimit.minMs, namespace.minActionTimeout);
  const maxMs = atMost(system.timeLimit.maxMs, namespace.maxActionTimeout);
  const minMemory = atLeast(system.memory.minMb, namespace.minActionMemory);
  const maxMemory = atMost(system.memory.maxMb, namespace.maxActionMemory);
  const minLogs = atLeast(system.logLimit.minMb, namespace.minActionLogs);
  const maxLogs = atMost(system.logLimit.maxMb, namespace.maxActionLogs);
  const minConcurrency = atLeast(system.concurrencyLimit.min, namespace.minActionConcurrency);
  const maxConcurrency = atMost(system.concurrencyLimit.max, namespace.maxActionConcurrency);
  const payloadMaxBytes = atMost(system.payloadMaxBytes, namespace.maxPayloadSize);
  return {
    ...system,
    timeLimit: { minMs, stdMs: clamp(system.timeLimit.stdMs, minMs, maxMs), maxMs },
    memory: { minMb: minMemory, stdMb: clamp(system.memory.stdMb, minMemory, maxMemory), maxMb: maxMemory },
    logLimit: { minMb: minLogs, stdMb: clamp(system.logLimit.stdMb, minLogs, maxLogs), maxMb: maxLogs },
    concurrencyLimit: {
      min: minConcurrency,
      std: clamp(system.concurrencyLimit.std, minConcurrency, maxConcurrency),
      max: maxConcurrency,
    },
    invokesPerMinute: namespace.invocationsPerMinute ?? system.invokesPerMinute,
    invokesConcurrent: namespace.concurrentInvocations ?? system.invokesConcurrent,
    firesPerMinute: namespace.firesPerMinute ?? system.firesPerMinute,
    maxAlarms: namespace.maxAlarms ?? system.maxAlarms,
    maxWebhooks: namespace.maxWebhooks ?? system.maxWebhooks,
    parameterSizeBytes: atMost(system.parameterSizeBytes, namespace.maxParameterSize),
    payloadMaxBytes,
    payloadTruncationBytes: Math.min(
      payloadMaxBytes,
      atMost(system.payloadTruncationBytes, namespace.truncationSize),
    ),
  };
}
