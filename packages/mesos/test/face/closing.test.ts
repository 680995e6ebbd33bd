import { expect, test } from 'vitest';

import { MemoryFrameworkState, MesosScheduler } from '../../src/index.ts';
import { openScheduler, outcomeOf, turns } from './open-scheduler.ts';

const small = { command: 'sleep 60', cpus: 0.5, memoryMb: 64 };

test('close settles everything that is open, once, and leaves no timer and no connection', async () => {
  const { scheduler, master, clock } = await openScheduler();
  await scheduler.subscribe();
  const running = scheduler.submit(small);
  master.offer(1, 1024);
  await running.running;
  master.isObedient = false;
  master.answer = () => undefined;
  const waiting = scheduler.submit({ ...small, cpus: 99 });
  const open = {
    running: waiting.running,
    waitingEnd: waiting.ended,
    runningEnd: running.ended,
    deletion: scheduler.delete(running.id),
    call: scheduler.call({ type: 'REVIVE' }),
    teardown: scheduler.teardown(),
  };
  await turns();
  await scheduler.close();
  for (const [name, promise] of Object.entries(open)) {
    expect([name, await outcomeOf(promise)]).toEqual([name, expect.objectContaining({ code: 'CLOSED' })]);
  }
  expect(clock.pendingTimers).toBe(0);
  expect(master.open.size).toBe(0);
});

test('close while subscribing rejects the subscription, and again does nothing', async () => {
  const { scheduler, master, clock } = await openScheduler();
  master.welcomes = [{ kind: 'silence' }];
  const subscribed = scheduler.subscribe({ withinMs: 60_000 });
  await turns();
  await Promise.all([scheduler.close(), scheduler.close()]);
  expect(await outcomeOf(subscribed)).toMatchObject({ code: 'CLOSED' });
  expect(clock.pendingTimers).toBe(0);
});

test('a closed scheduler refuses everything, with the same error', async () => {
  const { scheduler } = await openScheduler();
  await scheduler.close();
  const refused = [
    scheduler.subscribe(),
    scheduler.submit(small).running,
    scheduler.submitGroup({ tasks: [small] }).running,
    scheduler.delete('x'),
    scheduler.reconcile(),
    scheduler.call({ type: 'REVIVE' }),
    scheduler.teardown(),
  ];
  for (const promise of refused) expect(await outcomeOf(promise)).toMatchObject({ code: 'CLOSED' });
});

test('close waits for what is being written, and closes state and detector', async () => {
  const ends: string[] = [];
  let written = () => {};
  const memory = new MemoryFrameworkState();
  const writing: Promise<void>[] = [];
  const { scheduler } = await openScheduler({
    state: {
      load: () => memory.load(),
      write: () => {
        const write = new Promise<void>((resolve) => (written = resolve));
        writing.push(write);
        return write;
      },
      close: async () => {
        await Promise.all(writing);
        ends.push('state');
      },
    },
    detector: { detect: async () => ['http://a:5050'], close: async () => void ends.push('detector') },
  });
  await scheduler.subscribe();
  await turns();
  expect(writing).toHaveLength(1);
  const closed = scheduler.close();
  expect(await outcomeOf(closed)).toBe('pending');
  written();
  await closed;
  expect(ends.sort()).toEqual(['detector', 'state']);
});

test('a state that can not be read keeps the scheduler from opening, and is closed', async () => {
  let isClosed = false;
  const opened = MesosScheduler.open({
    masters: 'http://127.0.0.1:5050',
    framework: { name: 'test' },
    state: {
      load: () => Promise.reject(new Error('unreadable')),
      write: async () => {},
      close: async () => void (isClosed = true),
    },
  });
  await expect(opened).rejects.toThrow('unreadable');
  expect(isClosed).toBe(true);
});

test('a scheduler can be declared with `await using`', async () => {
  const { scheduler, master } = await openScheduler();
  await scheduler.subscribe();
  await scheduler[Symbol.asyncDispose]();
  expect(master.open.size).toBe(0);
});
