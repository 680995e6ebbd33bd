import type { WireTaskInfo } from '@vibrissa/mesos';
import { seededRandom } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';

import { prefixes } from '../src/shared/keys.ts';
import { eventually, FrameworkKit } from './framework-kit.ts';
import { TappedTransport } from './tapped-transport.ts';

/** So often, whether a leader has come to do anything in the meantime or not; then the last one may. */
async function handOver({ cluster }: FrameworkKit): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (cluster.leader !== undefined)
      cluster.lead(cluster.leader === 'one' ? 'two' : 'one', 'it is handed over');
  }
}

describe('while the leadership is handed over', () => {
  test.each([1, 2, 3])(
    'requests through followers settle exactly once, whatever is lost on the way (#83, seed %i)',
    async (seed) => {
      const kit = await FrameworkKit.open();
      const all = await kit.three();
      await kit.masterLeadsForLong();
      const random = seededRandom(seed);
      kit.cluster.fate = () => {
        const drawn = random();
        if (drawn < 0.1) return 'lost';
        return drawn < 0.2 ? 'unknown' : 'fine';
      };
      const hands = handOver(kit);
      const ids = Array.from({ length: 12 }, (_, n) => `task-${n}`);
      const settled = new Map<string, number>();
      const count = (what: string) => settled.set(what, (settled.get(what) ?? 0) + 1);
      const tasks = await Promise.all(
        ids.map(async (id, n) => {
          const task = await all[n % 3]!.framework.submit(kit.counted(id));
          task.running.then(
            () => count(`${id} running`),
            () => count(`${id} not running`),
          );
          task.ended.then(
            () => count(`${id} ended`),
            () => count(`${id} not ended`),
          );
          return task;
        }),
      );
      await hands;
      await Promise.all(tasks.map((task) => task.running));
      await kit.begun(...ids);
      expect(await kit.runningInMesos()).toHaveLength(12);
      await Promise.all(ids.map((id, n) => all[(n + 1) % 3]!.framework.delete(id)));
      await Promise.all(tasks.map((task) => task.ended));
      kit.cluster.fate = () => 'fine';
      await eventually(() => all[2].framework.tasks().length === 0);
      const once = ids.flatMap((id) => [`${id} ended`, `${id} running`]);
      expect(settled).toEqual(new Map(once.map((what) => [what, 1])));
      expect(await kit.begun(...ids)).toEqual(ids.map(() => 1));
      expect(await kit.frameworkIds()).toHaveLength(1);
    },
  );

  test('a submit waits for a leader, and says so when none comes', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    await kit.subscribed(two);
    kit.cluster.electMs = undefined;
    await kit.crash(one);
    await expect(two.framework.submit(kit.counted('never'), { withinMs: 50 })).rejects.toMatchObject({
      code: 'NO_LEADER',
    });
    const wish = two.framework.submit(kit.counted('web'));
    kit.cluster.lead('two');
    const task = await wish;
    await task.running;
    expect(kit.hasBegun('never')).toBe(false);
  });

  test('a submit that may have been heard is not called unheard, and may be made again', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    kit.cluster.electMs = undefined;
    kit.cluster.fate = (_, { put = {} }) => {
      if (!(`${prefixes.wanted}web` in put)) return 'fine';
      queueMicrotask(() => void kit.crash(one));
      return 'unknown';
    };
    const spec = kit.counted('web');
    await expect(two.framework.submit(spec, { withinMs: 300 })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    kit.cluster.fate = () => 'fine';
    kit.cluster.lead('two');
    await expect(two.framework.submit(spec)).rejects.toMatchObject({ code: 'DUPLICATE_TASK' });
    await two.framework.task('web')!.running;
    expect(await kit.begun('web')).toEqual([1]);
  });

  test('a deletion is carried out by the next leader', async () => {
    const kit = await FrameworkKit.open();
    const transport = new TappedTransport();
    const one = await kit.join('one', { transport });
    await kit.subscribed(one);
    const [two, three] = [await kit.join('two'), await kit.join('three')];
    const task = await three.framework.submit(kit.counted('web'));
    await task.running;
    kit.simulator.control.addFault({ on: 'calls', type: 'KILL', fault: { kind: 'swallow' }, times: 1 });
    const deleted = three.framework.delete('web');
    await eventually(() => transport.answers.some(({ call }) => call.type === 'KILL'));
    expect(three.framework.tasks()).toMatchObject([{ id: 'web', standing: 'deleting' }]);
    await kit.crash(one);
    expect(await deleted).toMatchObject({ kind: 'ended', state: 'TASK_KILLED' });
    await kit.subscribed(two);
    expect(await kit.runningInMesos()).toEqual([]);
  });
});

describe('a submit', () => {
  test('of an id that is wanted already is refused on every instance', async () => {
    const kit = await FrameworkKit.open();
    const [one, two, three] = await kit.three();
    const both = await Promise.allSettled([
      two.framework.submit(kit.counted('web')),
      three.framework.submit(kit.counted('web')),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(one.framework.submit(kit.counted('web'))).rejects.toMatchObject({ code: 'DUPLICATE_TASK' });
  });

  test('may take the id of a task that has just ended', async () => {
    const kit = await FrameworkKit.open();
    const [, two] = await kit.three();
    for (let turn = 0; turn < 5; turn += 1) {
      const task = await two.framework.submit(kit.counted('job', { command: 'exit 0' }));
      expect(await task.ended).toMatchObject({ state: 'TASK_FINISHED' });
    }
  });

  test('of something that can never run is refused before anybody is asked', async () => {
    const kit = await FrameworkKit.open();
    const one = await kit.join('one');
    const before = kit.cluster.log.length;
    const { framework } = one;
    await expect(framework.submit({ cpus: -1, memoryMb: 1, command: 'x' })).rejects.toMatchObject({
      code: 'INVALID_TASK',
      message: expect.stringContaining("it can't be less than 0") as unknown,
    });
    await expect(framework.submit(null!)).rejects.toMatchObject({ code: 'INVALID_TASK' });
    const customize = (info: WireTaskInfo) => info;
    await expect(framework.submit(kit.counted('web', { customize }))).rejects.toMatchObject({
      code: 'INVALID_TASK',
      message: expect.stringContaining('customize is a function') as unknown,
    });
    expect(
      kit.cluster.log
        .slice(before)
        .flatMap(({ put }) => [...put.keys()])
        .filter((key) => key.startsWith(prefixes.wanted)),
    ).toEqual([]);
  });

  test('whose launch fails for good is told so on every instance', async () => {
    const kit = await FrameworkKit.open();
    const [, two, three] = await kit.three({ tasks: { capacityTimeoutMs: 200 } });
    const task = await two.framework.submit(kit.counted('huge', { cpus: 1000 }));
    const same = three.framework.task('huge')!;
    for (const { running, ended } of [task, same]) {
      await expect(running).rejects.toMatchObject({
        name: 'CapacityError',
        code: 'NO_CAPACITY',
        shortage: { reasons: expect.anything() as unknown },
      });
      await expect(ended).rejects.toMatchObject({ code: 'NO_CAPACITY' });
    }
    expect(three.framework.tasks()).toEqual([]);
    expect(three.framework.explain('huge')).toEqual({ kind: 'over' });
  });

  test('that a majority could not be told of at its launch is launched when it can', async () => {
    const kit = await FrameworkKit.open();
    const [, two] = await kit.three();
    let refusals = 0;
    kit.cluster.fate = (_, { put = {} }) => {
      if (!(`${prefixes.task}web` in put) || refusals === 2) return 'fine';
      refusals += 1;
      return 'lost';
    };
    const task = await two.framework.submit(kit.counted('web'));
    await task.running;
    expect(refusals).toBe(2);
    expect(await kit.begun('web')).toEqual([1]);
  });

  test('can be explained on the leader and elsewhere', async () => {
    const kit = await FrameworkKit.open();
    const [one, two] = await kit.three();
    const task = await two.framework.submit(kit.counted('huge', { cpus: 1000 }));
    expect(task.explain()).toMatchObject({ kind: 'wanted', by: 'two' });
    expect(one.framework.explain('huge')).toMatchObject({ kind: 'waiting' });
    expect(await one.framework.task('huge')!.delete()).toEqual({ kind: 'withdrawn' });
    await expect(task.running).rejects.toMatchObject({ code: 'TASK_DELETED' });
    expect(one.framework.explain('never')).toEqual({ kind: 'unknown' });
  });
});

describe('a deletion', () => {
  test('of a task that nobody knows is refused', async () => {
    const kit = await FrameworkKit.open();
    const one = await kit.join('one');
    await kit.subscribed(one);
    await expect(one.framework.delete('never')).rejects.toMatchObject({ code: 'UNKNOWN_TASK' });
  });

  test('asked twice, or after the end, is answered alike', async () => {
    const kit = await FrameworkKit.open();
    const [, two, three] = await kit.three();
    const task = await two.framework.submit(kit.counted('web'));
    await task.running;
    const twice = await Promise.all([two.framework.delete('web'), three.framework.delete('web')]);
    const after = await two.framework.delete('web');
    expect([...twice, after].map(({ kind }) => kind)).toEqual(['ended', 'ended', 'ended']);
  });
});
