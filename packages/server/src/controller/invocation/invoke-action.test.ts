import { defaultSystemLimits, type ActivationMessage } from '@vibrissa/protocol';
import { anAction, anIdentity, aTarget } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import { openPlatform, payload, peek, UNAVAILABLE } from '../../../test/invocation/invocations-fixture.ts';

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

test('after close it hears nothing more', async () => {
  const { invocations, invoke, received, finish, clock } = openPlatform();
  const outcome = invoke({ waitMs: 1000 });
  await invocations.close();
  await finish(received[0] as ActivationMessage);
  await clock.advance(1000);
  expect(await peek(outcome)).toBe('waiting');
  expect(await invoke()).toEqual(UNAVAILABLE);
});
