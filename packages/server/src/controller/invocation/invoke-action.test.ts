import { defaultSystemLimits, type ActivationMessage, type JsonObject } from '@vibrissa/protocol';
import {
  aMessage,
  anAction,
  anIdentity,
  aRecord,
  aTarget,
  FakeJournal,
  ManualClock,
  SeededIds,
  seededRandom,
} from '@vibrissa/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { noMetrics } from '../../base/metrics.ts';
import type { RequestContext } from '../../base/request-context.ts';
import { EmbeddedMessageBus } from '../../messaging/embedded/embedded-message-bus.ts';
import { topics } from '../../messaging/topics.ts';
import {
  Invocations,
  type InvocationsDeps,
  type InvokeOutcome,
  type InvokeRequest,
} from './invoke-action.ts';

const UNAVAILABLE = {
  outcome: 'refused',
  status: 503,
  message: 'The server is currently unavailable (because it is overloaded or down for maintenance).',
};

/** A controller with one invoker, played by the test: it takes messages and ends them when told to. */
function openPlatform(over: Partial<InvocationsDeps> = {}) {
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
async function peek(outcome: Promise<InvokeOutcome>): Promise<InvokeOutcome | 'waiting'> {
  await new Promise(setImmediate);
  return Promise.race([outcome, Promise.resolve('waiting' as const)]);
}

function payload(json: string) {
  return { json, value: JSON.parse(json) as JsonObject };
}

describe('a blocking invocation', () => {
  test('reaches the invoker at once and answers with the record', async () => {
    const { invoke, received, finish, journal, invocations, clock } = openPlatform();
    const outcome = invoke({ payload: payload('{"a":1}'), cause: 'c'.repeat(32) });
    const message = received[0] as ActivationMessage;
    expect(message).toMatchObject({
      transactionId: 'tid',
      transactionStart: clock.now(),
      action: { namespace: 'guest', name: 'hello' },
      version: '0.0.1',
      revision: '1-a',
      blocking: true,
      content: '{"a":1}',
      durable: false,
      cause: 'c'.repeat(32),
    });
    expect(invocations.inFlight()).toEqual([[message.activationId, 'guest/hello@0.0.1']]);
    await finish(message);
    expect(await outcome).toMatchObject({ outcome: 'finished', activationId: message.activationId });
    expect(journal.accepted).toEqual([]);
    expect(invocations.inFlight()).toEqual([]);
  });

  test('answers with the result and keeps its place until its logs are complete', async () => {
    const { invoke, received, finish, invocations } = openPlatform();
    const outcome = invoke();
    const message = received[0] as ActivationMessage;
    await finish(message, 'result');
    expect(await outcome).toMatchObject({ outcome: 'finished' });
    expect(invocations.usedMb(0)).toBe(256);
    await finish(message, 'completion');
    expect(invocations.usedMb(0)).toBe(0);
  });

  test('that outlives its wait is durable before its client gets the id', async () => {
    const { invoke, received, clock, journal, invocations } = openPlatform();
    const release = journal.hold();
    const outcome = invoke({ waitMs: 5000 });
    await clock.advance(4999);
    expect(journal.accepted).toEqual([]);
    await clock.advance(1);
    expect(await peek(outcome)).toBe('waiting');
    release();
    const activationId = received[0]?.activationId as string;
    expect(await outcome).toEqual({ outcome: 'accepted', activationId });
    expect(journal.accepted.map((message) => [message.activationId, message.durable])).toEqual([
      [activationId, true],
    ]);
    expect(invocations.inFlight()).toHaveLength(1);
  });

  test('tells the invoker that the intent is durable now, through the message that it holds', async () => {
    const { invoke, received, clock } = openPlatform();
    void invoke({ waitMs: 5000 });
    await clock.advance(5000);
    expect(received[0]?.durable).toBe(true);
  });

  test('whose result comes while its intent is written answers with the result', async () => {
    const { invoke, received, clock, journal, finish } = openPlatform();
    const release = journal.hold();
    const outcome = invoke({ waitMs: 5000 });
    await clock.advance(5000);
    await finish(received[0] as ActivationMessage);
    expect(await outcome).toMatchObject({ outcome: 'finished' });
    release();
  });

  test('whose end the journal took before its intent leaves nothing to run again', async () => {
    const { invoke, received, clock, journal, finish } = openPlatform();
    const release = journal.hold();
    const outcome = invoke({ waitMs: 5000 });
    await clock.advance(5000);
    await finish(received[0] as ActivationMessage);
    await outcome;
    release();
    await clock.advance(0);
    expect(journal.accepted).toHaveLength(1);
    expect(await journal.unfinished()).toEqual([]);
  });

  test('that outlives its wait when the journal can’t write is never acknowledged', async () => {
    const { invoke, clock, journal } = openPlatform();
    const outcome = invoke({ waitMs: 5000 });
    journal.failWith(new Error('no space left'));
    await clock.advance(5000);
    expect(await outcome).toEqual(UNAVAILABLE);
  });

  test('waits as long as its caller says, whatever clients may ask for', async () => {
    const { invoke, clock } = openPlatform({ limits: { ...defaultSystemLimits, maxBlockingWaitMs: 1000 } });
    const outcome = invoke({ waitMs: 60_000 });
    await clock.advance(59_999);
    expect(await peek(outcome)).toBe('waiting');
    await clock.advance(1);
    expect(await peek(outcome)).toMatchObject({ outcome: 'accepted' });
  });

  test('goes on when its client has gone', async () => {
    const { invocations, ctx, received, finish } = openPlatform();
    const gone = new AbortController();
    const outcome = invocations.invoke(
      { ...ctx, signal: gone.signal },
      {
        identity: anIdentity(),
        target: aTarget(),
        payload: undefined,
        waitMs: 1000,
      },
    );
    gone.abort();
    await finish(received[0] as ActivationMessage);
    expect(await outcome).toMatchObject({ outcome: 'finished' });
  });

  test('that completes without a result leaves its client the id', async () => {
    const { invoke, received, finish } = openPlatform();
    const outcome = invoke();
    await finish(received[0] as ActivationMessage, 'completion');
    expect(await outcome).toEqual({ outcome: 'accepted', activationId: received[0]?.activationId });
  });

  test('of which nothing is heard ends as an error, gives its place back and has one record', async () => {
    const { clock, journal, received, invocations, finish, invoke } = openPlatform({
      limits: { ...defaultSystemLimits, maxBlockingWaitMs: 600_000 },
    });
    const outcome = invoke({ waitMs: 600_000 });
    await clock.advance(180_000);
    expect(await outcome).toEqual({
      outcome: 'refused',
      status: 500,
      message: 'There was an internal server error.',
    });
    expect(invocations.usedMb(0)).toBe(0);
    expect(journal.finished.map(({ response }) => response)).toEqual([
      {
        statusCode: 3,
        resultJson:
          '{"error":"The invoker did not answer for this activation in time. Whether its code had started to run is unknown."}',
      },
    ]);
    await finish(received[0] as ActivationMessage);
    expect(invocations.usedMb(0)).toBe(0);
  });
});

describe('a non-blocking invocation', () => {
  test('runs only when its intent is durable, and then answers with its id', async () => {
    const { invoke, received, journal } = openPlatform();
    const release = journal.hold();
    const outcome = invoke({ waitMs: undefined });
    expect(await peek(outcome)).toBe('waiting');
    expect(received).toEqual([]);
    release();
    expect(await outcome).toEqual({ outcome: 'accepted', activationId: received[0]?.activationId });
    expect(received[0]).toMatchObject({ blocking: false, durable: true });
  });

  test('is refused, and runs nothing, when the journal can’t write', async () => {
    const { invoke, received, journal, invocations } = openPlatform();
    journal.failWith(new Error('no space left'));
    expect(await invoke({ waitMs: undefined })).toEqual(UNAVAILABLE);
    expect(received).toEqual([]);
    expect(invocations.usedMb(0)).toBe(0);
    expect(invocations.inFlightOf(anIdentity().namespace.uuid)).toBe(0);
  });

  test('counts against the concurrency of its namespace while its intent is written', async () => {
    const { invoke, journal, invocations } = openPlatform();
    const release = journal.hold();
    const outcome = invoke({ waitMs: undefined });
    expect(invocations.inFlightOf(anIdentity().namespace.uuid)).toBe(1);
    release();
    await outcome;
  });

  test('that the bus refuses after its intent was written has a record that says so', async () => {
    const { invoke, bus, journal, invocations } = openPlatform();
    await bus.close();
    expect(await invoke({ waitMs: undefined })).toEqual(UNAVAILABLE);
    expect(journal.accepted).toHaveLength(1);
    expect(journal.finished[0]?.activationId).toBe(journal.accepted[0]?.activationId);
    expect(journal.finished[0]?.response.resultJson).toContain('Its code had not started.');
    expect(invocations.inFlight()).toEqual([]);
  });
});

describe('a refusal', () => {
  test('comes for parameters that the action keeps for itself', async () => {
    const { invoke, received } = openPlatform();
    const target = aTarget(
      anAction({ parameters: [{ key: 'a', value: 1 }], annotations: [{ key: 'final', value: true }] }),
    );
    expect(await invoke({ target, payload: payload('{"a":2}') })).toMatchObject({ status: 400 });
    expect(received).toEqual([]);
  });

  test('comes for arguments above the namespace’s limit', async () => {
    const { invoke } = openPlatform();
    const identity = anIdentity({ limits: { maxPayloadSize: 10 } });
    expect(await invoke({ identity, payload: payload('{"a":"12345"}') })).toEqual({
      outcome: 'refused',
      status: 413,
      message: 'Request larger than allowed: 13 > 10 bytes.',
    });
  });

  test('comes when no invoker is up', async () => {
    const { invoke, ping } = openPlatform();
    await ping(false);
    expect(await invoke()).toEqual(UNAVAILABLE);
  });

  test('comes when the bus can’t take a blocking one, and nothing stays behind', async () => {
    const { invoke, bus, invocations } = openPlatform();
    await bus.close();
    expect(await invoke()).toEqual(UNAVAILABLE);
    expect(invocations.usedMb(0)).toBe(0);
  });

  test('comes when too many or too large activations are on their way', async () => {
    const many = openPlatform({ maxInFlight: 2 });
    void many.invoke();
    void many.invoke();
    expect(await many.invoke()).toEqual(UNAVAILABLE);
    await many.finish(many.received[0] as ActivationMessage);
    expect(await peek(many.invoke())).toBe('waiting');

    const large = openPlatform({ maxInFlightChars: 10 });
    void large.invoke({ payload: payload('{"a":"1234567"}') });
    expect(await large.invoke()).toEqual(UNAVAILABLE);
  });
});

describe('drain', () => {
  test('refuses what is new and waits for what runs', async () => {
    const { invoke, invocations, received, finish } = openPlatform();
    const outcome = invoke();
    let drained = false;
    const drain = invocations.drain(3000).then(() => (drained = true));
    expect(await invoke()).toEqual(UNAVAILABLE);
    expect(drained).toBe(false);
    await finish(received[0] as ActivationMessage);
    await drain;
    expect(await outcome).toMatchObject({ outcome: 'finished' });
  });

  test('makes blocking ones that never started durable and gives their clients the id', async () => {
    const { invoke, invocations, received, journal } = openPlatform();
    const outcome = invoke();
    const drain = invocations.drain(3000);
    await invocations.handBack(received);
    await drain;
    expect(await outcome).toMatchObject({ outcome: 'accepted' });
    expect(journal.accepted.map(({ durable }) => durable)).toEqual([true]);
    expect(journal.finished).toEqual([]);
  });

  test('ends the part of a sequence that never started: alone it would be of no use', async () => {
    const { invoke, invocations, received, journal } = openPlatform();
    const outcome = invoke({ cause: 'c'.repeat(32) });
    const drain = invocations.drain(3000);
    await invocations.handBack(received);
    await drain;
    expect(await outcome).toMatchObject({ outcome: 'finished', record: { response: { statusCode: 3 } } });
    expect(journal.accepted).toEqual([]);
    expect(journal.finished[0]?.response.resultJson).toContain('Its code had not started');
  });

  test('leaves non-blocking ones that never started to the next start', async () => {
    const { invoke, invocations, received, journal } = openPlatform();
    await invoke({ waitMs: undefined });
    const drain = invocations.drain(3000);
    await invocations.handBack(received);
    await drain;
    expect(await journal.unfinished()).toMatchObject([{ started: false }]);
    expect(journal.accepted).toHaveLength(1);
  });

  test('that comes while an intent is written leaves that one to the next start', async () => {
    const { invoke, invocations, received, clock, journal } = openPlatform();
    const release = journal.hold();
    const outcome = invoke({ waitMs: undefined });
    let drained = false;
    const drain = invocations.drain(0).then(() => (drained = true));
    await clock.advance(10);
    expect(drained).toBe(false);
    release();
    expect(await outcome).toMatchObject({ outcome: 'accepted' });
    await drain;
    expect(received).toEqual([]);
    expect(journal.finished).toEqual([]);
    expect(await journal.unfinished()).toHaveLength(1);
  });

  test('records what an invoker had to stop at once, and its client gets that record', async () => {
    const { invoke, invocations, received, journal } = openPlatform();
    const outcome = invoke();
    const drain = invocations.drain(3000);
    const limits = { timeout: 1000, memory: 256, logs: 1, concurrency: 1 };
    const known = { kind: 'nodejs:20', limits, logs: ['so far'] };
    await invocations.recordStopped(
      received.map((message) => {
        const startedAt = message.transactionStart + 5;
        return { message, startedAt, endedAt: startedAt + 40, ...known };
      }),
    );
    await drain;
    const start = received[0]!.transactionStart + 5;
    expect(await outcome).toMatchObject({
      outcome: 'finished',
      record: { start, end: start + 40, duration: 40, kind: 'nodejs:20', response: { statusCode: 3 } },
    });
    expect(journal.finished).toHaveLength(1);
  });

  test('records what has not ended in time as stopped, and its client gets that record', async () => {
    const { invoke, invocations, received, clock, journal } = openPlatform();
    const outcome = invoke();
    const drain = invocations.drain(3000);
    await clock.advance(3000);
    await drain;
    const settled = await outcome;
    expect(settled).toMatchObject({ outcome: 'finished', activationId: received[0]?.activationId });
    expect(journal.finished.map(({ response }) => response)).toEqual([
      {
        statusCode: 3,
        resultJson:
          '{"error":"The platform stopped before this activation finished. Its code had started to run; how far it came is unknown."}',
      },
    ]);
    expect(invocations.inFlight()).toEqual([]);
  });
});

describe('what a crash left behind', () => {
  test('runs again under its id when it was durable and had not started; the rest gets an error record', async () => {
    const { invocations, journal, received } = openPlatform();
    const queued = aMessage({ durable: true, blocking: false, content: '{"a":1}' });
    const started = aMessage({ durable: true, blocking: false, cause: 'c'.repeat(32) });
    const vanished = aMessage({ durable: false, version: '9.9.9' });
    const report = await invocations.resume([
      { message: queued, started: false },
      { message: started, started: true },
      { message: vanished, started: false },
    ]);
    expect(report).toEqual({ recorded: 2, published: 1, left: 0 });
    expect(received).toEqual([queued]);
    expect(journal.accepted).toEqual([]);
    expect(journal.finished).toMatchObject([
      { activationId: started.activationId, path: 'guest/hello', cause: 'c'.repeat(32), kind: 'nodejs:20' },
      { activationId: vanished.activationId, kind: 'unknown' },
    ]);
    expect(journal.finished.map(({ response }) => response.resultJson)).toEqual([
      '{"error":"The platform stopped before this activation finished. Its code had started to run; how far it came is unknown."}',
      '{"error":"The platform stopped before this activation ran. Its code had not started."}',
    ]);
    expect(invocations.inFlight()).toHaveLength(1);
  });

  test('waits for an invoker, also when its action is gone', async () => {
    const { invocations, clock, received, ping } = openPlatform({
      actions: { resolve: () => Promise.reject(new Error('unreadable')) },
    });
    await ping(false);
    const resumed = invocations.resume([{ message: aMessage({ durable: true }), started: false }]);
    await clock.advance(500);
    expect(received).toEqual([]);
    await ping(true);
    await clock.advance(100);
    expect(await resumed).toEqual({ recorded: 0, published: 1, left: 0 });
    expect(received).toHaveLength(1);
  });

  test('stays for the next start when this one ends before there was room', async () => {
    const { invocations, clock, ping, journal } = openPlatform();
    await ping(false);
    const resumed = invocations.resume([{ message: aMessage({ durable: true }), started: false }]);
    invocations.stop();
    await clock.advance(100);
    expect(await resumed).toEqual({ recorded: 0, published: 0, left: 1 });
    expect(journal.finished).toEqual([]);
  });
});

test('whatever happens in whatever order, each client is answered once and all that was taken is given back', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ invoke: fc.constantFrom(undefined, 10, 1000, 60_000) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        finish: fc.nat(30),
        type: fc.constantFrom('result' as const, 'completion' as const, 'combined' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ advanceMs: fc.constantFrom(5, 500, 60_000) }) },
    { weight: 1, arbitrary: fc.record({ handBack: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ journalWorks: fc.boolean() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const platform = openPlatform();
      const { clock, journal, invocations, received, invoke, finish } = platform;
      const answers: InvokeOutcome[] = [];
      const outcomes: Promise<unknown>[] = [];
      for (const action of steps) {
        if ('invoke' in action) {
          outcomes.push(invoke({ waitMs: action.invoke }).then((answer) => answers.push(answer)));
        } else if ('finish' in action) {
          const message = received[action.finish];
          if (message) await finish(message, action.type);
        } else if ('advanceMs' in action) await clock.advance(action.advanceMs);
        else if ('handBack' in action) await invocations.handBack(received.slice(action.handBack));
        else journal.failWith(action.journalWorks ? undefined : new Error('no space left'));
      }
      journal.failWith(undefined);
      for (const message of received) await finish(message);
      await clock.advance(200_000);
      await Promise.all(outcomes);
      expect(answers).toHaveLength(outcomes.length);
      expect(invocations.inFlight()).toEqual([]);
      expect(invocations.usedMb(0)).toBe(0);
      expect(invocations.inFlightOf(anIdentity().namespace.uuid)).toBe(0);
      const durable = new Set(journal.accepted.map(({ activationId }) => activationId));
      const done = new Set(received.map(({ activationId }) => activationId));
      const promised = answers.filter((answer) => answer.outcome === 'accepted');
      for (const { activationId } of promised)
        expect(durable.has(activationId) || done.has(activationId)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('after close it hears nothing more', async () => {
  const { invocations, invoke, received, finish, clock } = openPlatform();
  const outcome = invoke({ waitMs: 1000 });
  await invocations.close();
  await finish(received[0] as ActivationMessage);
  await clock.advance(1000);
  expect(await peek(outcome)).toBe('waiting');
  expect(await invoke()).toEqual(UNAVAILABLE);
});
