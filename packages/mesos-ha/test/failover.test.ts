import type { TaskUpdate } from '@vibrissa/mesos';
import { describe, expect, test } from 'vitest';

import { prefixes } from '../src/shared/keys.ts';
import { eventually, FrameworkKit, type Instance } from './framework-kit.ts';
import { SharedCluster } from './shared-cluster.ts';
import { TappedTransport } from './tapped-transport.ts';

async function run(kit: FrameworkKit, { framework }: Instance, ids: readonly string[]): Promise<void> {
  const tasks = await Promise.all(ids.map((id) => framework.submit(kit.counted(id))));
  await Promise.all(tasks.map((task) => task.running));
  await kit.begun(...ids);
}

describe('when the leader dies', () => {
  test('another instance goes on with the same framework id, and no task is stopped or launched again (#70)', async () => {
    const kit = await FrameworkKit.open();
    const [one, two, three] = await kit.three();
    const ids = ['a', 'b', 'c'];
    await run(kit, two, ids);
    const before = await kit.subscribed(one);
    const pids = await kit.runningInMesos();
    await kit.crash(one);
    await eventually(() => kit.cluster.leader !== undefined);
    expect(await kit.subscribed(two)).toBe(before);
    await kit.subscribed(three);
    expect(three.framework.view()).toMatchObject({ id: before, subscribed: true, tasks: { running: 3 } });
    await two.framework.delete('a');
    const after = await kit.runningInMesos();
    expect(after.map(({ task_id }) => task_id)).toEqual(
      pids.map(({ task_id }) => task_id).filter(({ value }) => value !== 'a'),
    );
    expect(await kit.begun(...ids)).toEqual([1, 1, 1]);
    expect(await kit.frameworkIds()).toEqual([before]);
  });

  test('its tasks bear the epoch of who launched them, and the framework that of who leads', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    await run(kit, one, ['first']);
    await kit.crash(one);
    await kit.subscribed(two);
    await run(kit, two, ['second']);
    const tasks = await kit.runningInMesos();
    const epochs = tasks.map(
      ({ labels }) => labels?.labels.find(({ key }) => key === 'cluster.epoch')?.value,
    );
    expect(new Set(epochs)).toEqual(new Set(['1', '2']));
    const [framework] = (await kit.operator.getFrameworks()).frameworks;
    expect(framework?.framework_info.labels?.labels).toEqual([
      { key: 'cluster.name', value: 'shared' },
      { key: 'cluster.epoch', value: '2' },
      { key: 'cluster.member', value: kit.cluster.leader },
    ]);
  });

  test('between writing down a launch and sending it, its successor launches the task, once (#76)', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    await kit.masterLeadsForLong();
    kit.cluster.fate = (writer, { put = {} }) => {
      if (writer !== 'one' || !(`${prefixes.task}web` in put)) return 'fine';
      queueMicrotask(() => void kit.crash(one));
      return 'mute';
    };
    const task = await two.framework.submit(kit.counted('web'));
    await task.running;
    expect(kit.cluster.log.some(({ put }) => put.has(`${prefixes.task}web`))).toBe(true);
    expect(await kit.begun('web')).toEqual([1]);
    expect(await kit.runningInMesos()).toHaveLength(1);
  });

  test('between sending a launch and hearing of it, its successor takes the task over (#76)', async () => {
    const kit = await FrameworkKit.open();
    const transport = new TappedTransport();
    const one = await kit.join('one', { transport });
    await kit.subscribed(one);
    const two = await kit.join('two');
    transport.onAnswered = ({ type }) => {
      if (type === 'ACCEPT') void kit.crash(one);
    };
    const task = await two.framework.submit(kit.counted('web'));
    expect(await task.running).toMatchObject({ mesosTaskId: 'web', agent: {} });
    expect(kit.cluster.leader).toBe('two');
    expect(await kit.begun('web')).toEqual([1]);
  });

  test('between hearing of an end and acknowledging it, it is told again, and comes out once (#76)', async () => {
    const kit = await FrameworkKit.open();
    const told: (readonly [string, string])[] = [];
    const handled =
      (id: string) =>
      async ({ status }: TaskUpdate) => {
        told.push([id, status.state]);
        if (id !== 'one' || status.state !== 'TASK_FINISHED') return;
        await kit.crash(one);
        throw new Error('its process is gone');
      };
    const one = await kit.join('one', { onTask: handled('one') });
    await kit.subscribed(one);
    const two = await kit.join('two', { onTask: handled('two') });
    const task = await two.framework.submit(kit.counted('job', { command: 'sleep 0.3' }));
    expect(await task.ended).toMatchObject({ state: 'TASK_FINISHED' });
    await eventually(() => two.framework.tasks().length === 0);
    expect(told.filter(([, state]) => state === 'TASK_FINISHED')).toEqual([
      ['one', 'TASK_FINISHED'],
      ['two', 'TASK_FINISHED'],
    ]);
    const outcomes = kit.cluster.log.filter(({ put }) => put.has(`${prefixes.outcome}job`));
    expect(outcomes).toHaveLength(1);
  });

  test('after an outcome was written and before Mesos was told so, the task is not launched again (#76)', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    kit.cluster.fate = (writer, { put = {} }) => {
      if (writer !== 'one' || !(`${prefixes.outcome}job` in put)) return 'fine';
      queueMicrotask(() => void kit.crash(one));
      return 'mute';
    };
    const task = await two.framework.submit(kit.counted('job', { command: 'exit 0' }));
    await task.ended;
    await kit.subscribed(two);
    await eventually(() => two.framework.tasks().length === 0);
    const { tasks, completed } = await kit.operator.getTasks();
    expect([...tasks, ...completed].map(({ task_id }) => task_id.value)).toEqual(['job']);
  });
});

describe('a leader that stood still', () => {
  test('and wakes to find its lease over, makes no call to Mesos (#71)', async () => {
    const kit = await FrameworkKit.open();
    const transport = new TappedTransport();
    const one = await kit.join('one', { transport });
    await kit.subscribed(one);
    const two = await kit.join('two');
    kit.cluster.pause('one');
    await eventually(() => kit.cluster.leader === 'two');
    await kit.subscribed(two);
    const sent = transport.calls.length;
    one.node.resume();
    await run(kit, two, ['web']);
    expect(transport.calls.slice(sent)).toEqual([]);
    expect(one.framework.view()).toMatchObject({ leads: false, subscribed: true });
  });

  test('and takes its lease for good, is refused by Mesos and stands down (#71)', async () => {
    const kit = await FrameworkKit.open();
    const transport = new TappedTransport();
    const one = await kit.join('one', { transport });
    await kit.subscribed(one);
    await run(kit, one, ['before']);
    const two = await kit.join('two');
    kit.cluster.pause('one');
    one.node.believes = true;
    await eventually(() => kit.cluster.leader === 'two');
    await kit.subscribed(two);
    await eventually(() => one.changes.some(({ line }) => /no more .*another subscriber/.test(line)));
    expect(transport.subscriptions).toBe(1);
    await run(kit, two, ['after']);
    one.node.resume();
    await eventually(() => !one.framework.view().leads);
    expect(await kit.begun('before', 'after')).toEqual([1, 1]);
  });

  test('and whose calls are refused gives its lease up, and comes back with a new epoch only (#71)', async () => {
    const kit = await FrameworkKit.open();
    const one = await kit.join('one');
    await kit.subscribed(one);
    await kit.masterLeadsForLong();
    const refusal = { kind: 'refuse', status: 403, text: 'Framework is not subscribed' } as const;
    kit.simulator.control.addFault({ on: 'calls', type: 'ACCEPT', fault: refusal, times: 1 });
    const task = await one.framework.submit(kit.counted('web'));
    await task.running;
    expect(kit.cluster.epoch).toBe(2);
    expect(one.changes.map(({ line }) => line)).toContainEqual(
      expect.stringMatching(/^one leads the framework no more \(epoch 1\): a call was refused/),
    );
    expect(await kit.begun('web')).toEqual([1]);
  });
});

describe('a subscription that somebody else takes', () => {
  test('is not taken back under the same lease (O11)', async () => {
    const kit = await FrameworkKit.open();
    const one = await kit.join('one');
    const frameworkId = await kit.subscribed(one);
    kit.cluster.electMs = undefined;
    const stranger = new TappedTransport();
    const framework_info = {
      name: 'story',
      user: 'root',
      id: { value: frameworkId },
      failover_timeout: 3600,
    };
    const ended: unknown[] = [];
    const connection = stranger.subscribe(
      kit.simulator.url,
      { type: 'SUBSCRIBE', framework_id: { value: frameworkId }, subscribe: { framework_info } },
      {
        onOpened: () => {},
        onAlive: () => {},
        onEvent: () => {},
        onAnswered: () => {},
        onEnded: (end) => ended.push(end),
      },
    );
    await eventually(() => kit.cluster.leader === undefined);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ended).toEqual([]);
    kit.cluster.lead('one');
    await kit.subscribed(one);
    await eventually(() => ended.length === 1);
    connection.close();
  });
});

describe('when all state is lost', () => {
  test('the framework and its tasks are found in Mesos, and nothing is launched again (#75)', async () => {
    const kit = await FrameworkKit.open();
    const all = await kit.three();
    await run(kit, all[1], ['a', 'b']);
    const before = await kit.subscribed(all[0]);
    await Promise.all(all.map((instance) => kit.crash(instance)));

    kit.cluster = new SharedCluster({ epochFloor: 1 });
    const [one, two] = await kit.three();
    expect(await kit.subscribed(one)).toBe(before);
    expect(await kit.frameworkIds()).toEqual([before]);
    const found = two.framework.task('a')!;
    expect(await found.running).toMatchObject({ taskId: 'a', mesosTaskId: 'a' });
    await expect(two.framework.submit(kit.counted('b'))).rejects.toMatchObject({ code: 'DUPLICATE_TASK' });
    expect(await two.framework.delete('a')).toMatchObject({ state: 'TASK_KILLED' });
    expect(await found.ended).toMatchObject({ state: 'TASK_KILLED' });
    expect(await kit.begun('a', 'b')).toEqual([1, 1]);
    await eventually(() => two.framework.tasks().length === 1);
    expect(two.framework.tasks()).toMatchObject([{ id: 'b', standing: 'running' }]);
  });

  test('who wishes for a task that is found gets the one that runs (#75)', async () => {
    const kit = await FrameworkKit.open();
    const all = await kit.three();
    await run(kit, all[0], ['a']);
    await Promise.all(all.map((instance) => kit.crash(instance)));

    kit.cluster = new SharedCluster({ epochFloor: 1 });
    kit.simulator.control.addFault({
      on: 'calls',
      type: 'SUBSCRIBE',
      fault: { kind: 'delay', delayMs: 300 },
    });
    kit.cluster.electMs = undefined;
    const one = await kit.join('one');
    kit.cluster.leader = 'nobody yet';
    const wish = one.framework.submit(kit.counted('a'));
    const task = await wish;
    kit.cluster.lead('one');
    await task.running;
    expect(await kit.begun('a')).toEqual([1]);
    expect(await kit.runningInMesos()).toHaveLength(1);
  });

  test('another cluster’s framework of the same name is left alone', async () => {
    const kit = await FrameworkKit.open();
    const mine = await kit.join('one');
    const first = await kit.subscribed(mine);
    kit.cluster = new SharedCluster({ name: 'other' });
    const other = await kit.join('one');
    expect(await kit.subscribed(other)).not.toBe(first);
    expect(mine.framework.view()).toMatchObject({ id: first, subscribed: true });
  });
});
