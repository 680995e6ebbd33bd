import { describe, expect, test } from 'vitest';

import { MemoryFrameworkState, type FrameworkState } from '../../src/index.ts';
import { openScheduler, outcomeOf, turns } from './open-scheduler.ts';

const small = { command: 'sleep 60', cpus: 0.5, memoryMb: 64 };

/** What a first process leaves behind: a task that runs, and a group that does. */
async function leftBehind(): Promise<FrameworkState> {
  const memory = new MemoryFrameworkState();
  const state = { load: () => memory.load(), write: memory.write.bind(memory), close: async () => {} };
  const { scheduler, master } = await openScheduler({ state });
  await scheduler.subscribe();
  const task = scheduler.submit({ ...small, id: 'old' });
  const group = scheduler.submitGroup({ id: 'pod', tasks: [small, { ...small, id: 'side' }] });
  master.offer(8, 4096);
  await task.running;
  await group.running;
  await turns();
  await scheduler.close();
  return state;
}

describe('before its first subscription a scheduler', () => {
  test('explains the tasks of the life before', async () => {
    const { scheduler } = await openScheduler({ state: await leftBehind() });
    expect(scheduler.tasks().map(({ id }) => id)).toEqual(['old', 'pod-1', 'side']);
    expect(scheduler.explain('old')).toMatchObject({ kind: 'launched', record: { id: 'old' } });
    expect(scheduler.explain('pod')).toMatchObject({ kind: 'launched', record: { groupId: 'pod' } });
  });

  test('takes their deletion, which is carried out once there is a subscription', async () => {
    const { scheduler, master } = await openScheduler({ state: await leftBehind() });
    const deleted = scheduler.delete('old');
    expect(await outcomeOf(deleted)).toBe('pending');
    await scheduler.subscribe();
    expect(await deleted).toMatchObject({ kind: 'ended', state: 'TASK_KILLED' });
    expect(master.sent('KILL').map(({ kill }) => kill.task_id.value)).toEqual(['old']);
  });

  test('remembers a deletion for its successor, too', async () => {
    const state = await leftBehind();
    const before = await openScheduler({ state });
    void before.scheduler.delete('old');
    await turns();
    await before.scheduler.close();
    const { scheduler, master } = await openScheduler({ state });
    await scheduler.subscribe();
    await turns();
    expect(master.sent('KILL').map(({ kill }) => kill.task_id.value)).toContain('old');
  });

  test('that must not lead for a while knows them again when it does', async () => {
    const { scheduler, master } = await openScheduler({ state: await leftBehind() });
    const before = scheduler.task('old')!;
    scheduler.lead(false);
    expect(await outcomeOf(before.ended)).toMatchObject({ code: 'NOT_LEADER' });
    scheduler.lead(true);
    await scheduler.subscribe();
    expect(scheduler.tasks()).toHaveLength(3);
    const again = scheduler.task('old')!;
    master.update('old', 'TASK_FINISHED');
    expect(await again.ended).toMatchObject({ state: 'TASK_FINISHED' });
  });
});

describe('a group', () => {
  test('is had by its id in each life, and is no task', async () => {
    const { scheduler, master } = await openScheduler({ state: await leftBehind() });
    expect(scheduler.task('pod')).toBeUndefined();
    expect(scheduler.group('old')).toBeUndefined();
    expect(scheduler.group('pod')!.tasks.map(({ id }) => id)).toEqual(['pod-1', 'side']);
    expect(await scheduler.group('pod')!.running).toMatchObject([{ taskId: 'pod-1' }, { taskId: 'side' }]);
    await scheduler.subscribe();
    const group = scheduler.group('pod')!;
    for (const id of ['pod-1', 'side']) master.update(id, 'TASK_FINISHED');
    expect(await group.ended).toMatchObject([{ state: 'TASK_FINISHED' }, { state: 'TASK_FINISHED' }]);
  });

  test('that runs keeps its id: neither another group nor a task gets it', async () => {
    const { scheduler, master } = await openScheduler();
    await scheduler.subscribe();
    const first = scheduler.submitGroup({ id: 'pod', tasks: [small] });
    expect(scheduler.task('pod')).toBeUndefined();
    const refused = [
      () => scheduler.submitGroup({ id: 'pod', tasks: [{ ...small, id: 'other' }] }).running,
      () => scheduler.submit({ ...small, id: 'pod' }).running,
    ];
    for (const submit of refused) expect(await outcomeOf(submit())).toMatchObject({ code: 'DUPLICATE_TASK' });
    master.offer(8, 4096);
    await first.running;
    for (const submit of refused) expect(await outcomeOf(submit())).toMatchObject({ code: 'DUPLICATE_TASK' });
    expect(master.sent('ACCEPT')).toHaveLength(1);
  });

  test('that has ended can be deleted again, as a task can', async () => {
    const { scheduler, master } = await openScheduler();
    await scheduler.subscribe();
    const group = scheduler.submitGroup({ id: 'pod', tasks: [small, small] });
    master.offer(8, 4096);
    await group.running;
    await group.delete();
    await group.ended;
    await turns();
    expect(await scheduler.delete('pod')).toMatchObject({ kind: 'ended', state: 'TASK_KILLED' });
    expect(scheduler.explain('pod')).toMatchObject({ kind: 'ended' });
    expect(scheduler.group('pod')).toBeUndefined();
  });
});
