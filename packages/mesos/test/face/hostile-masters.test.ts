import { describe, expect, test } from 'vitest';

import { openScheduler, outcomeOf, turns } from './open-scheduler.ts';

describe('a master that confirms another subscription than was asked for', () => {
  test('gets no tasks: the id in the state stays, and a right answer is taken', async () => {
    const { scheduler, master, clock } = await openScheduler({ framework: { name: 'test', id: 'mine' } });
    master.welcomes = [
      { kind: 'subscribed', frameworkId: 'other' },
      { kind: 'subscribed', frameworkId: 'mine' },
    ];
    const subscribing = scheduler.subscribe();
    expect(await outcomeOf(subscribing)).toBe('pending');
    expect(scheduler.isSubscribed).toBe(false);
    await clock.advance(1000);
    expect(await subscribing).toBe('mine');
    expect(master.subscribes.map((call) => call.framework_id?.value)).toEqual(['mine', 'mine']);
  });

  test('is no master when it does so again and again', async () => {
    const { scheduler, master, clock } = await openScheduler();
    master.welcomes = [{ kind: 'subscribed', frameworkId: '' }];
    const subscribing = scheduler.subscribe();
    for (let round = 0; round < 4; round++) {
      await turns();
      await clock.advance(15_000);
    }
    await expect(subscribing).rejects.toMatchObject({ code: 'NOT_A_MESOS_MASTER' });
  });
});

test('updates of one task without end, and an owner that never handles one, fill no memory', async () => {
  const told: string[] = [];
  const { scheduler, master } = await openScheduler({
    onTask: ({ status }) => {
      told.push(status.uuid ?? '');
      return new Promise(() => {});
    },
  });
  await scheduler.subscribe();
  const began = process.cpuUsage();
  for (let update = 0; update < 20_000; update++) master.update('t', 'TASK_RUNNING');
  await turns();
  expect(told).toHaveLength(1);
  // Where each took as long as those before it together, this was half a minute. Time of this process alone, so that a
  // busy machine changes nothing.
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1e6).toBeLessThan(10);
});

test('an update that was left out, since too many were untold, is told when the agent repeats it', async () => {
  const told: string[] = [];
  let handle = () => {};
  const handled = new Promise<void>((resolve) => (handle = resolve));
  const { scheduler, master } = await openScheduler({
    onTask: async ({ status }) => {
      told.push(status.uuid ?? '');
      await handled;
    },
  });
  await scheduler.subscribe();
  const uuids = Array.from({ length: 100 }, (_, number) => `uuid-${number}`);
  for (const uuid of uuids) master.update('t', 'TASK_RUNNING', { uuid });
  handle();
  await turns(300);
  for (const uuid of uuids) if (!told.includes(uuid)) master.update('t', 'TASK_RUNNING', { uuid });
  await turns(300);
  expect(told).toEqual(uuids);
  expect(master.sent('ACKNOWLEDGE').map((call) => call.acknowledge.uuid)).toEqual(uuids);
});

test('a limit of the wait that no timer can count to is none', async () => {
  const { scheduler, master } = await openScheduler();
  master.welcomes = [{ kind: 'silence' }];
  for (const withinMs of [Infinity, 1e12]) {
    expect(await outcomeOf(scheduler.subscribe({ withinMs }))).toBe('pending');
  }
});
