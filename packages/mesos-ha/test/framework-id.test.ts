import type { TaskUpdate } from '@vibrissa/mesos';
import { describe, expect, test } from 'vitest';

import { frameworkKeys } from '../src/shared/keys.ts';
import { eventually, FrameworkKit } from './framework-kit.ts';
import { SharedCluster } from './shared-cluster.ts';
import { TappedTransport } from './tapped-transport.ts';

const renewing = { name: 'story', onRemoved: 'new-id' } as const;

describe('the framework’s id', () => {
  test('is held by a majority before the first SUBSCRIBE (O14)', async () => {
    const kit = await FrameworkKit.open();
    const transport = new TappedTransport();
    kit.cluster.fate = (_, { put = {} }) => {
      if (frameworkKeys.id in put) expect(transport.subscriptions).toBe(0);
      return 'fine';
    };
    const one = await kit.join('one', { transport });
    const id = await kit.subscribed(one);
    expect(id).toMatch(/^story-[0-9a-f]{16}$/);
    expect(kit.cluster.entries().get(frameworkKeys.id)?.value).toBe(id);
  });

  test('is one, though the first leader dies after it was written', async () => {
    const kit = await FrameworkKit.open();
    kit.cluster.electMs = undefined;
    const one = await kit.join('one');
    const two = await kit.join('two');
    kit.cluster.fate = (_, { put = {} }) => {
      if (!(frameworkKeys.id in put)) return 'fine';
      queueMicrotask(() => void kit.crash(one));
      return 'mute';
    };
    kit.cluster.lead('one');
    await eventually(() => kit.cluster.leader === undefined);
    const written = kit.cluster.entries().get(frameworkKeys.id)?.value;
    kit.cluster.fate = () => 'fine';
    kit.cluster.lead('two');
    expect(await kit.subscribed(two)).toBe(written);
    expect(await kit.frameworkIds()).toEqual([written]);
  });

  test('is not made up while no master can be asked, and the problem is shown', async () => {
    const kit = await FrameworkKit.open();
    await kit.simulator.control.killMaster(1);
    const one = await kit.join('one');
    const two = await kit.join('two');
    await eventually(() => two.framework.view().problems.length > 0);
    expect(two.framework.view()).toMatchObject({ subscribed: false, problems: [{ code: 'NO_MASTER' }] });
    expect(kit.cluster.entries().has(frameworkKeys.id)).toBe(false);
    await kit.simulator.control.startMaster(1);
    await kit.subscribed(two);
    expect(one.framework.view().problems).toEqual([]);
  });

  test('that Mesos has removed is given up only when the options say so; then what waits goes on (O14)', async () => {
    const kit = await FrameworkKit.open();
    const framework = { name: 'story', failoverTimeoutMs: 0 };
    const [one, two, three] = await kit.three({ framework });
    const before = await kit.subscribed(one);
    const task = await two.framework.submit(kit.counted('a'));
    await task.running;
    await kit.begun('a');
    kit.cluster.electMs = undefined;
    await kit.crash(one);
    await eventually(async () => (await kit.operator.getFrameworks()).completed.length === 1);
    kit.cluster.lead('two');
    await eventually(() => three.framework.view().problems.some(({ code }) => code === 'FRAMEWORK_REMOVED'));
    const waiting = await three.framework.submit(kit.counted('b'));
    expect(three.framework.view()).toMatchObject({ id: before, subscribed: false, epoch: 2 });
    await Promise.all([kit.crash(two), kit.crash(three)]);

    kit.cluster.electMs = 20;
    const told: TaskUpdate[] = [];
    const four = await kit.join('four', { framework: renewing, onTask: (update) => void told.push(update) });
    expect(await kit.subscribed(four)).not.toBe(before);
    expect(told[0]).toMatchObject({ taskId: 'a', status: { state: 'TASK_KILLED' }, end: { kind: 'killed' } });
    expect(await four.framework.task('a')!.ended).toMatchObject({ state: 'TASK_KILLED' });
    await four.framework.task('b')!.running;
    expect(await kit.begun('b')).toEqual([1]);
    await expect(waiting.ended).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('that is removed while its leader is subscribed is renewed at once, where the options say so', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three({ framework: renewing });
    const before = await kit.subscribed(one);
    const task = await two.framework.submit(kit.counted('a'));
    await task.running;
    await kit.begun('a');
    await kit.simulator.control.operator({ type: 'TEARDOWN', teardown: { framework_id: { value: before } } });
    expect(await task.ended).toMatchObject({ state: 'TASK_KILLED' });
    await eventually(() => two.framework.view().subscribed && two.framework.view().id !== before);
    const next = await two.framework.submit(kit.counted('a'));
    await next.running;
    await kit.begun('a');
    await eventually(async () => (await kit.begun('a'))[0] === 2);
  });
});

describe('a new leader', () => {
  test('gets offers at once, though the old one had refused them for an hour (O12)', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    const first = await one.framework.submit(kit.counted('first'));
    await first.running;
    await kit.begun('first');
    await first.delete();
    kit.cluster.lead('two', 'it is handed over');
    const second = await two.framework.submit(kit.counted('second'));
    await second.running;
    await kit.begun('second');
    expect(await kit.begun('second')).toEqual([1]);
  });

  test('kills what runs and nobody wants', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    const task = await one.framework.submit(kit.counted('web'));
    await task.running;
    await kit.begun('web');
    kit.cluster.electMs = undefined;
    await kit.crash(one);
    kit.cluster.commit({ remove: ['wanted/web'] });
    await expect(two.framework.task('web')?.ended ?? Promise.resolve('gone')).resolves.toBe('gone');
    kit.cluster.lead('two');
    await eventually(async () => (await kit.runningInMesos()).length === 0);
    await eventually(() => two.framework.tasks().length === 0);
  });

  test('kills what runs under its cluster’s mark and that no record tells of', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    const task = await one.framework.submit(kit.counted('web'));
    await task.running;
    await kit.begun('web');
    kit.cluster.electMs = undefined;
    await kit.crash(one);
    kit.cluster.commit({ remove: ['wanted/web', 'task/web'] });
    kit.cluster.lead('two');
    await eventually(async () => (await kit.runningInMesos()).length === 0);
    await eventually(() => two.framework.tasks().length === 0);
    expect(await kit.begun('web')).toEqual([1]);
  });

  test('of a cluster that was founded anew keeps what turns up later, too', async () => {
    const kit = await FrameworkKit.open();
    const all = await kit.three();
    const task = await all[0].framework.submit(kit.counted('web'));
    await task.running;
    await kit.begun('web');
    await Promise.all(all.map((instance) => kit.crash(instance)));

    kit.cluster = new SharedCluster({ epochFloor: 1 });
    kit.cluster.electMs = undefined;
    const one = await kit.join('one');
    kit.cluster.fate = (_, { put = {} }) => {
      // The agent was not back when the framework was found.
      if (frameworkKeys.id in put) {
        const found = put as Record<string, unknown>;
        delete found['wanted/web'];
        delete found['task/web'];
      }
      return 'fine';
    };
    kit.cluster.lead('one');
    await kit.subscribed(one);
    await eventually(() => one.framework.task('web') !== undefined);
    await one.framework.task('web')!.running;
    expect(await kit.begun('web')).toEqual([1]);
    await one.framework.delete('web');
    expect(await kit.runningInMesos()).toEqual([]);
  });

  test('leaves tasks alone that another program has launched under its framework id, and says so', async () => {
    const kit = await FrameworkKit.open();
    const [one] = await kit.three();
    const task = await one.framework.submit(kit.counted('web'));
    await task.running;
    await kit.begun('web');
    kit.cluster.electMs = undefined;
    kit.cluster.lead(undefined);
    // As if its labels were somebody else's: this cluster has another name from now on.
    kit.cluster.commit({ remove: ['wanted/web', 'task/web'] });
    Object.assign(kit.cluster, { name: 'renamed' });
    kit.cluster.lead('two');
    await eventually(() => one.framework.view().problems.some(({ code }) => code === 'FOREIGN_TASKS'));
    expect(await kit.runningInMesos()).toHaveLength(1);
    expect(one.framework.tasks()).toMatchObject([{ id: 'web', standing: 'stray' }]);
    expect(await one.framework.delete('web')).toMatchObject({ kind: 'ended' });
  });
});
