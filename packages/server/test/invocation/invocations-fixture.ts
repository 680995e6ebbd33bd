import { defaultSystemLimits, type ActivationMessage, type JsonObject } from '@vibrissa/protocol';
import {
  anIdentity,
  aRecord,
  aTarget,
  FakeJournal,
  ManualClock,
  SeededIds,
  seededRandom,
} from '@vibrissa/testkit';
import { silentLogger } from '../../src/base/logger.ts';
import { noMetrics } from '../../src/base/metrics.ts';
import type { RequestContext } from '../../src/base/request-context.ts';
import {
  Invocations,
  type InvocationsDeps,
  type InvokeOutcome,
  type InvokeRequest,
} from '../../src/controller/invocation/invoke-action.ts';
import { EmbeddedMessageBus } from '../../src/messaging/embedded/embedded-message-bus.ts';
import { topics } from '../../src/messaging/topics.ts';

export const UNAVAILABLE = {
  outcome: 'refused',
  status: 503,
  message: 'The server is currently unavailable (because it is overloaded or down for maintenance).',
};

/** A controller with one invoker, played by the test: it takes messages and ends them when told to. */
export function openPlatform(over: Partial<InvocationsDeps> = {}) {
  const clock = new ManualClock();
  const journal = new FakeJournal();
  const bus = EmbeddedMessageBus.open({ logger: silentLogger });
  const invocations = Invocations.open({
    bus,
    journal,
    clock,
    actions: { resolve: () => aTarget() },
    ids: new SeededIds(1),
    logger: silentLogger,
    metrics: noMetrics,
    limits: defaultSystemLimits,
    random: seededRandom(1),
    ...over,
  });
  const received: ActivationMessage[] = [];
  const feed = bus.subscribe(
    topics.invoker(0),
    { maxInFlight: 1000 },
    (message) => void received.push(message),
  );
  const ping = (enabled: boolean) => bus.publish(topics.health, { invoker: 0, userMemoryMb: 1024, enabled });
  void ping(true);
  const ctx: RequestContext = { transactionId: 'tid', startedAt: clock.now(), logger: silentLogger, clock };

  function invoke(request: Partial<InvokeRequest> = {}): Promise<InvokeOutcome> {
    return invocations.invoke(ctx, {
      identity: anIdentity(),
      target: aTarget(),
      payload: undefined,
      waitMs: 60_000,
      ...request,
    });
  }

  function finish(message: ActivationMessage, type: 'result' | 'completion' | 'combined' = 'combined') {
    const { activationId } = message;
    const base = { transactionId: 'tid', isSystemError: false, invoker: 0 };
    if (type === 'completion') return bus.publish(topics.completed('0'), { ...base, type, activationId });
    const record = aRecord({ activationId });
    return bus.publish(topics.completed('0'), { ...base, type, record });
  }

  return { clock, journal, bus, invocations, received, feed, ping, ctx, invoke, finish };
}

/** The outcome if there is one by now. */
export async function peek(outcome: Promise<InvokeOutcome>): Promise<InvokeOutcome | 'waiting'> {
  await new Promise(setImmediate);
  return Promise.race([outcome, Promise.resolve('waiting' as const)]);
}

export function payload(json: string) {
  return { json, value: JSON.parse(json) as JsonObject };
}
