import type { ActivationMessage } from '@vibrissa/protocol';
import { describe, expect, test } from 'vitest';
import { openPlatform, UNAVAILABLE } from '../../../test/invocation/invocations-fixture.ts';

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
