import { describe, expect, test } from 'vitest';

import { MemoryFrameworkState } from '../../src/index.ts';
import { openScheduler, outcomeOf, turns } from './open-scheduler.ts';

describe('subscribing', () => {
  test('gives the framework id, which is stored, and used by the next process (#16) (#17)', async () => {
    const stored: unknown[] = [];
    const memory = new MemoryFrameworkState();
    const state = {
      load: () => memory.load(),
      write: (change: Parameters<typeof memory.write>[0]) => {
        stored.push(change);
        return memory.write(change);
      },
      close: async () => {},
    };
    const first = await openScheduler({ state });
    expect(first.scheduler.frameworkId).toBeUndefined();
    expect(await first.scheduler.subscribe()).toBe('fw');
    expect(first.scheduler).toMatchObject({ frameworkId: 'fw', isSubscribed: true });
    await turns();
    expect(stored).toEqual([{ frameworkId: 'fw' }]);
    await first.scheduler.close();

    const second = await openScheduler({ state });
    expect(second.scheduler.frameworkId).toBe('fw');
    await second.scheduler.subscribe();
    expect(second.master.subscribes[0]).toMatchObject({
      framework_id: { value: 'fw' },
      subscribe: { framework_info: { id: { value: 'fw' } } },
    });
  });

  test('asked for twice it is one subscription (#25)', async () => {
    const { scheduler, master } = await openScheduler();
    const [one, two] = await Promise.all([scheduler.subscribe(), scheduler.subscribe()]);
    expect([one, two, await scheduler.subscribe()]).toEqual(['fw', 'fw', 'fw']);
    expect(master.subscribes).toHaveLength(1);
    expect(master.open.size).toBe(1);
  });

  test('goes on until a master is there, and says meanwhile what is wrong (#10) (#24)', async () => {
    const { scheduler, master, clock, notices } = await openScheduler();
    master.welcomes = [
      {
        kind: 'end',
        end: { kind: 'unreachable', error: new Error('Nothing listens at http://127.0.0.1:5050') },
      },
      { kind: 'end', end: { kind: 'refused', status: 503, text: 'No leader elected' } },
      { kind: 'subscribed' },
    ];
    const subscribed = scheduler.subscribe();
    for (let second = 0; second < 3; second++) {
      await turns();
      await clock.advance(1000);
    }
    expect(await subscribed).toBe('fw');
    expect(notices.map(({ kind }) => kind)).toEqual(['lost', 'lost', 'subscribed']);
    expect(notices[0]).toMatchObject({ reason: expect.stringContaining('Nothing listens') });
    expect(notices[1]).toMatchObject({ reason: expect.stringContaining('No leader elected') });
  });

  test('with a deadline, rejects with the last reason, while the attempts go on', async () => {
    const { scheduler, master, clock } = await openScheduler();
    master.welcomes = [{ kind: 'end', end: { kind: 'unreachable', error: new Error('nobody answers') } }];
    const subscribed = scheduler.subscribe({ withinMs: 5000 });
    await clock.advance(5000);
    const error = await outcomeOf(subscribed);
    expect(error).toMatchObject({ code: 'NO_MASTER' });
    expect((error as Error).message).toMatch(/within 5000 ms: .*nobody answers.*option masters/);
    master.welcomes = [{ kind: 'subscribed' }];
    await clock.advance(15_000);
    await turns();
    expect(scheduler.isSubscribed).toBe(true);
  });

  test.each([
    [
      'wrong credentials (#12)',
      { kind: 'refused', status: 401, text: '401 Unauthorized.' },
      'WRONG_CREDENTIALS',
      /option auth/,
    ],
    [
      'another principal (#13)',
      { kind: 'refused', status: 400, text: "Authenticated principal 'fw' does not match" },
      'SUBSCRIPTION_REFUSED',
      /option framework/,
    ],
    [
      'what is no Mesos',
      { kind: 'garbage', error: new Error('its answer is no HTTP') },
      'NOT_A_MESOS_MASTER',
      /port 5050/,
    ],
  ] as const)('rejects at once for %s, and does not try again', async (_, end, code, message) => {
    const { scheduler, master, clock } = await openScheduler();
    master.welcomes = [{ kind: 'end', end }];
    const error = await outcomeOf(scheduler.subscribe());
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toMatch(message);
    await clock.advance(600_000);
    expect(master.subscribes).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('rejects when a role is refused, and may be tried again when that was mended (#20)', async () => {
    const { scheduler, master } = await openScheduler();
    const message = "'FrameworkInfo.roles' contains invalid role";
    master.welcomes = [{ kind: 'error', message }, { kind: 'subscribed' }];
    const waiting = scheduler.submit({ command: 'true', cpus: 1, memoryMb: 32 });
    expect(await outcomeOf(scheduler.subscribe())).toMatchObject({
      code: 'SUBSCRIPTION_REFUSED',
      status: 200,
      reason: message,
    });
    expect(await scheduler.subscribe()).toBe('fw');
    expect(await outcomeOf(waiting.running)).toBe('pending');
  });

  test('a refusal after a loss takes nothing from the tasks: they are as they were at the next subscription', async () => {
    const { scheduler, master, clock } = await openScheduler();
    await scheduler.subscribe();
    const running = scheduler.submit({ command: 'true', cpus: 1, memoryMb: 32 });
    master.offer(1, 1024);
    await running.running;
    const waiting = scheduler.submit({ command: 'true', cpus: 9, memoryMb: 32 });
    master.welcomes = [
      { kind: 'end', end: { kind: 'refused', status: 401, text: '' } },
      { kind: 'subscribed' },
    ];
    master.end();
    await clock.advance(1000);
    await turns();
    expect(scheduler.isSubscribed).toBe(false);
    expect(await scheduler.subscribe()).toBe('fw');
    expect(await outcomeOf(waiting.running)).toBe('pending');
    expect(await outcomeOf(running.ended)).toBe('pending');
    master.update(running.id, 'TASK_FINISHED');
    expect(await running.ended).toMatchObject({ state: 'TASK_FINISHED' });
  });

  test('rejects when the framework was removed, and everything that is asked of it (#22) (#26)', async () => {
    const { scheduler, master, notices } = await openScheduler();
    master.welcomes = [{ kind: 'error', message: 'Framework has been removed' }];
    const task = scheduler.submit({ command: 'true', cpus: 1, memoryMb: 32 });
    expect(await outcomeOf(scheduler.subscribe())).toMatchObject({ code: 'FRAMEWORK_REMOVED' });
    expect(await outcomeOf(task.running)).toMatchObject({ code: 'FRAMEWORK_REMOVED' });
    expect(await outcomeOf(scheduler.delete('x'))).toMatchObject({ code: 'FRAMEWORK_REMOVED' });
    expect(notices.at(-1)?.kind).toBe('removed');
  });

  test('takes a new id when the framework was removed, if that is allowed, and tells the ends of its tasks (#22)', async () => {
    const state = new MemoryFrameworkState();
    const record = { id: 'old', mesosTaskId: 'old', attempt: 1, state: 'TASK_RUNNING', ran: true } as const;
    await state.write({ frameworkId: 'dead', put: [record] });
    const { scheduler, master, updates } = await openScheduler({
      state,
      framework: { name: 'test', onRemoved: 'new-id' },
    });
    const old = scheduler.task('old')!;
    master.welcomes = [
      { kind: 'error', message: 'Framework has been removed' },
      { kind: 'subscribed', frameworkId: 'fresh' },
    ];
    expect(await scheduler.subscribe()).toBe('fresh');
    expect(master.subscribes[1]).not.toHaveProperty('framework_id');
    expect(await old.ended).toMatchObject({ state: 'TASK_KILLED' });
    await turns();
    expect(updates.map(({ taskId, status }) => [taskId, status.state])).toEqual([['old', 'TASK_KILLED']]);
    expect(scheduler.tasks()).toEqual([]);
    expect(await state.load()).toEqual({ frameworkId: 'fresh', tasks: [] });
  });

  test('without that says how many tasks are recorded, and how to go on (#22)', async () => {
    const state = new MemoryFrameworkState();
    await state.write({ frameworkId: 'dead', put: [{ id: 'old', mesosTaskId: 'old', attempt: 1 }] });
    const { scheduler, master } = await openScheduler({ state });
    master.welcomes = [{ kind: 'error', message: 'Framework has been removed' }];
    const error = await outcomeOf(scheduler.subscribe());
    expect(error).toMatchObject({ code: 'FRAMEWORK_REMOVED', recordedTasks: 1 });
    expect((error as Error).message).toMatch(/1 tasks are recorded.*onRemoved 'new-id'/);
  });
});

describe('a subscription that stands', () => {
  test('is looked for again when the master ends it, or falls silent (#18) (#19)', async () => {
    const { scheduler, master, clock, notices } = await openScheduler();
    await scheduler.subscribe();
    master.end();
    expect(scheduler.isSubscribed).toBe(false);
    await clock.advance(1000);
    await turns();
    expect(scheduler.isSubscribed).toBe(true);
    await clock.advance(52_000);
    await turns();
    expect(master.subscribes).toHaveLength(3);
    expect(master.open.size).toBe(1);
    expect(notices.map(({ kind }) => kind)).toEqual([
      'subscribed',
      'lost',
      'subscribed',
      'lost',
      'subscribed',
    ]);
  });

  test('is left alone when another one has taken the framework, until this one leads again (#21) (O11)', async () => {
    const { scheduler, master, clock, notices } = await openScheduler();
    await scheduler.subscribe();
    const task = scheduler.submit({ command: 'true', cpus: 1, memoryMb: 32 });
    master.tell({ type: 'ERROR', error: { message: 'Framework failed over' } });
    expect(await outcomeOf(task.running)).toMatchObject({ code: 'NOT_LEADER' });
    await clock.advance(600_000);
    expect(master.subscribes).toHaveLength(1);
    expect(notices.at(-1)?.kind).toBe('stepped-down');
    expect(
      await outcomeOf(scheduler.submit({ command: 'true', cpus: 1, memoryMb: 32 }).running),
    ).toMatchObject({
      code: 'NOT_LEADER',
    });
    scheduler.lead(true);
    await turns();
    expect(scheduler.isSubscribed).toBe(true);
  });

  test('is given up when another instance leads, and not begun while one does', async () => {
    const { scheduler, master } = await openScheduler();
    scheduler.lead(false);
    expect(await outcomeOf(scheduler.subscribe())).toMatchObject({ code: 'NOT_LEADER' });
    expect(master.subscribes).toHaveLength(0);
    scheduler.lead(true);
    expect(await scheduler.subscribe()).toBe('fw');
    scheduler.lead(false);
    expect(scheduler.isSubscribed).toBe(false);
    expect(master.open.size).toBe(0);
  });
});

describe('notices', () => {
  test('come to every listener until it goes, and a listener that throws disturbs nobody', async () => {
    const log: string[] = [];
    const write = (level: string) => (_fields: object, message: string) =>
      void log.push(`${level}: ${message}`);
    const { scheduler, master, notices } = await openScheduler({
      logger: { info: write('info'), warn: write('warn'), error: write('error') },
    });
    const seen: string[] = [];
    scheduler.onNotice(() => {
      throw new Error('a bug of the listener');
    });
    const stop = scheduler.onNotice(({ kind }) => void seen.push(kind));
    await scheduler.subscribe();
    stop();
    master.end();
    expect(seen).toEqual(['subscribed']);
    expect(notices.map(({ kind }) => kind)).toEqual(['subscribed', 'lost']);
    expect(log).toEqual([
      'info: subscribed to a Mesos master',
      'error: a listener of notices has failed',
      'warn: no subscription; another attempt follows',
      'error: a listener of notices has failed',
    ]);
  });
});
