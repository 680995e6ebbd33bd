import type { FrameworkState, TaskRecord } from '@vibrissa/mesos';
import { describe, expect, test } from 'vitest';

import { SharedCluster } from '../../test/shared-cluster.ts';
import { ReplicatedFrameworkState } from './replicated-framework-state.ts';

function taskRecord(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  return { id, mesosTaskId: id, attempt: 1, ...more };
}

/** A cluster of three, the first of which leads. */
function open() {
  const cluster = new SharedCluster();
  const [one, two] = ['one', 'two', 'three'].map((id) => cluster.join(id));
  cluster.lead('one');
  const stateOf = ({ map }: NonNullable<typeof one>): FrameworkState =>
    new ReplicatedFrameworkState({ map, epoch: cluster.epoch });
  return { cluster, state: stateOf(one!), successor: () => (cluster.lead('two'), stateOf(two!)) };
}

describe('as every framework state, that of a cluster', () => {
  test('is empty at first', async () => {
    expect(await open().state.load()).toEqual({ tasks: [] });
  });

  test('gives back the framework id and the records that were written', async () => {
    const { state } = open();
    const placement = { agentId: 'agent-1', hostname: 'höst', hostPorts: [31000] };
    await state.write({ frameworkId: 'fw-1', put: [taskRecord('a', { placement }), taskRecord('b')] });
    expect(await state.load()).toEqual({
      frameworkId: 'fw-1',
      tasks: [taskRecord('a', { placement }), taskRecord('b')],
    });
  });

  test('replaces a record by its id, removes records, and forgets the framework id', async () => {
    const { state } = open();
    await state.write({ frameworkId: 'fw-1', put: [taskRecord('a'), taskRecord('b')] });
    await state.write({ put: [taskRecord('a', { mesosTaskId: 'a.2', attempt: 2 })] });
    await state.write({ frameworkId: null, remove: ['b', 'never-there'] });
    expect(await state.load()).toEqual({ tasks: [taskRecord('a', { mesosTaskId: 'a.2', attempt: 2 })] });
  });

  test('a change that says nothing of the framework id leaves it', async () => {
    const { state } = open();
    await state.write({ frameworkId: 'fw-1' });
    await state.write({ put: [taskRecord('a')] });
    expect(await state.load()).toMatchObject({ frameworkId: 'fw-1' });
  });

  test('writes take effect in the order of the calls, though nobody waits for them', async () => {
    const { state } = open();
    const writes = Array.from({ length: 50 }, (_, attempt) =>
      state.write({ put: [taskRecord('a', { attempt })], remove: ['b'] }),
    );
    await Promise.all([...writes, state.write({ remove: ['a'], put: [taskRecord('b')] })]);
    expect((await state.load()).tasks).toEqual([taskRecord('b')]);
  });

  test('ids are data, whatever they are called', async () => {
    const { state } = open();
    const ids = ['__proto__', 'constructor', 'a\nb', 'ü "quoted"', 'a/b', ''];
    await state.write({ put: ids.map((id) => taskRecord(id)) });
    expect((await state.load()).tasks.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });

  test('close waits for the writes under way, refuses later ones, and may be called twice', async () => {
    const { state } = open();
    const written = state.write({ put: [taskRecord('a')] });
    await state.close();
    await written;
    await state.close();
    await expect(state.write({ put: [taskRecord('b')] })).rejects.toMatchObject({ code: 'STATE_CLOSED' });
    await expect(state.load()).rejects.toMatchObject({ code: 'STATE_CLOSED' });
  });

  test('a successor finds what was written', async () => {
    const { state, successor } = open();
    await state.write({ frameworkId: 'fw-1', put: [taskRecord('a'), taskRecord('b')] });
    await state.write({ remove: ['a'] });
    await state.close();
    expect(await successor().load()).toEqual({ frameworkId: 'fw-1', tasks: [taskRecord('b')] });
  });
});

test('what is written while a write is under way goes with the next one, as a whole', async () => {
  const { cluster, state } = open();
  await Promise.all(['a', 'b'].map((id) => state.write({ put: [taskRecord(id)] })));
  const first = state.write({ put: [taskRecord('c')] });
  await Promise.resolve();
  await Promise.resolve();
  const later = Array.from({ length: 100 }, (_, n) => state.write({ put: [taskRecord(`later-${n}`)] }));
  await Promise.all([first, ...later]);
  expect(cluster.log).toHaveLength(3);
});

test('a change that is too large for one write is several, and each record is kept', async () => {
  const { cluster, state } = open();
  const before = cluster.log.length;
  const put = Array.from({ length: 40 }, (_, n) =>
    taskRecord(`task-${n}`, { labels: { large: 'x'.repeat(30_000) } }),
  );
  await state.write({ put });
  expect((await state.load()).tasks).toHaveLength(40);
  expect(cluster.log.length - before).toBe(5);
});

test('who leads no more writes nothing, and is told so', async () => {
  const { state, successor } = open();
  await state.write({ put: [taskRecord('a')] });
  const next = successor();
  await expect(state.write({ remove: ['a'] })).rejects.toMatchObject({
    code: 'STATE_UNUSABLE',
    message: expect.stringContaining('Another instance leads') as unknown,
  });
  expect((await next.load()).tasks).toEqual([taskRecord('a')]);
});

test('a write without a majority is refused, and the next one is tried all the same', async () => {
  const { cluster, state } = open();
  cluster.fate = () => 'lost';
  await expect(state.write({ put: [taskRecord('a')] })).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
  cluster.fate = () => 'fine';
  await state.write({ put: [taskRecord('b')] });
  expect((await state.load()).tasks).toEqual([taskRecord('b')]);
});
