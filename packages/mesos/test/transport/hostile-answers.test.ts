import { ManualClock } from '@vibrissa/testkit';
import { afterEach, describe, expect, it } from 'vitest';

import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { FrameworkCall } from '../../src/wire/index.ts';
import { accepting, aMaster, beginStream, closeMasters, frame, subscribed } from './scripted-master.ts';
import { closeConnections, revive, subscribe } from './told.ts';

afterEach(async () => {
  closeConnections();
  await closeMasters();
});

describe('answers to calls that never come to their ends', () => {
  it.each([
    ['a body that drips', 'HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
    ['interim answers without end', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('%s: the channel counts as broken', async (_, head, drop) => {
    let drops = 0;
    const master = await aMaster(({ type }, response) => {
      if (type === 'SUBSCRIBE') return void beginStream(response).write(frame(subscribed));
      const { socket } = response;
      socket?.write(head);
      const dripping = setInterval(() => {
        socket?.write(drop);
        drops += 1;
      }, 10);
      socket?.on('close', () => clearInterval(dripping));
    });
    const clock = new ManualClock();
    const { told, connection } = subscribe(master.url, { clock, answerTimeoutMs: 30_000 });
    await told.heard(1);
    for (const callId of [1, 2]) connection.send(callId, revive);
    // Time passes between the drops, of which none is an end.
    for (let seen = 0; told.answers.length === 0; seen += 1) {
      while (drops <= seen) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(10_000);
    }
    await told.answered(2);
    expect(told.answers.map(({ callId, status }) => [callId, status])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });
});

describe('a call that is no JSON', () => {
  it('is answered as Mesos answers what it can not read; those behind it are sent', async () => {
    const master = await aMaster(accepting(subscribed));
    const { told, connection } = subscribe(master.url);
    await told.heard(1);
    let nested: unknown = {};
    for (let depth = 0; depth < 100_000; depth++) nested = { nested };
    const withMore = (more: object): FrameworkCall => Object.assign({}, revive, more);
    connection.send(1, withMore({ size: 1n }));
    connection.send(2, withMore({ nested }));
    connection.send(3, revive);
    await told.answered(3);
    expect(told.answers).toMatchObject([
      { callId: 1, status: 400, text: expect.stringContaining('BigInt') as unknown },
      { callId: 2, status: 400, text: expect.stringContaining('stack') as unknown },
      { callId: 3, status: 202 },
    ]);
    expect(master.received.map(({ type }) => type)).toEqual(['SUBSCRIBE', 'REVIVE']);
  });
});

describe('a token provider', () => {
  it('that never answers keeps no timer when nobody waits any more', async () => {
    let timers = 0;
    const clock: Clock = {
      ...systemClock,
      after(delayMs, run) {
        const timer = systemClock.after(delayMs, run);
        timers += 1;
        let isOver = false;
        return {
          cancel() {
            if (!isOver) timers -= 1;
            isOver = true;
            timer.cancel();
          },
        };
      },
    };
    const credentials = { token: () => new Promise<string>(() => {}) };
    const { connection } = subscribe('http://127.0.0.1:1', { credentials, clock });
    expect(timers).toBe(1);
    connection.close();
    expect(timers).toBe(0);
  });

  it('that gives something else than a text makes the master unreachable', async () => {
    const credentials = { token: () => Promise.resolve(5 as unknown as string) };
    const { told } = subscribe('http://127.0.0.1:1', { credentials });
    await told.ended();
    expect(told.end).toMatchObject({ kind: 'unreachable', error: { code: 'UNKNOWN' } });
  });
});
