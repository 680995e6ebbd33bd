import { aMessage } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import { openPlatform } from '../../../test/invocation/invocations-fixture.ts';

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
