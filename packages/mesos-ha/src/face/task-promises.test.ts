import type { RunningTask, TaskRecord } from '@vibrissa/mesos';
import { describe, expect, test } from 'vitest';

import { SharedCluster } from '../../test/shared-cluster.ts';
import { asJson } from '../shared/entries.ts';
import type { Outcome } from '../shared/outcome.ts';
import { TaskPromises } from './task-promises.ts';

const status = { task_id: { value: 'web' }, state: 'TASK_FINISHED' } as const;
const record: TaskRecord = { id: 'web', mesosTaskId: 'web', attempt: 1, ran: true };
const wish = (ticket: string) => ({ 'wanted/web': { ticket, by: 'one', at: 1 } });
const ended = (ticket: string): Outcome => ({ ticket, at: 2, kind: 'ended', status, record });

/** A cluster whose first instance writes, and promises on the second one. */
function open() {
  const cluster = new SharedCluster();
  cluster.electMs = undefined;
  cluster.join('one');
  const node = cluster.join('two');
  const describe = (of: TaskRecord) => ({ taskId: of.id, record: of }) as unknown as RunningTask;
  const promises = new TaskPromises({ map: node.map, describe });
  const over = (outcome: Outcome) =>
    cluster.commit({ put: { 'outcome/web': asJson(outcome) }, remove: ['wanted/web', 'task/web'] });
  return { cluster, node, promises, over };
}

async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([
    promise.then(
      (value) => value,
      (error: unknown) => error,
    ),
    new Promise((resolve) => setImmediate(() => resolve('pending'))),
  ]);
}

describe('a task’s promises', () => {
  test('settle by its record and its outcome, once each', async () => {
    const { cluster, promises, over } = open();
    cluster.commit({ put: wish('t') });
    const { running, ended: end } = promises.of('web', 't');
    expect(await outcomeOf(running.promise)).toBe('pending');
    cluster.commit({ put: { 'task/web': asJson(record) } });
    expect(await outcomeOf(running.promise)).toMatchObject({ taskId: 'web' });
    expect(await outcomeOf(end.promise)).toBe('pending');
    over(ended('t'));
    expect(await outcomeOf(end.promise)).toEqual(status);
  });

  test('are the same for all who ask for the same wish, until it has come out', () => {
    const { cluster, promises } = open();
    cluster.commit({ put: wish('t') });
    expect(promises.of('web', 't')).toBe(promises.of('web', 't'));
  });

  test('of one that came and went while this instance was away settle by its outcome', async () => {
    const { cluster, node, promises, over } = open();
    cluster.commit({ put: wish('t') });
    const { running, ended: end } = promises.of('web', 't');
    node.lags = true;
    cluster.commit({ put: { 'task/web': asJson(record) } });
    over(ended('t'));
    node.takeSnapshot();
    expect(await outcomeOf(running.promise)).toMatchObject({ taskId: 'web' });
    expect(await outcomeOf(end.promise)).toEqual(status);
  });

  test('reject when this instance was away for so long that nobody knows how it came out', async () => {
    const { cluster, node, promises, over } = open();
    cluster.commit({ put: wish('t') });
    const { running, ended: end } = promises.of('web', 't');
    node.lags = true;
    over(ended('t'));
    cluster.commit({ remove: ['outcome/web'] });
    node.takeSnapshot();
    for (const { promise } of [running, end]) {
      expect(await outcomeOf(promise)).toMatchObject({ code: 'OUTCOME_LOST', taskId: 'web' });
    }
  });

  test('are not settled by another task of the same id', async () => {
    const { cluster, node, promises, over } = open();
    cluster.commit({ put: wish('first') });
    const first = promises.of('web', 'first');
    over(ended('first'));
    cluster.commit({ put: wish('second'), remove: ['outcome/web'] });
    const second = promises.of('web', 'second');
    expect(await outcomeOf(first.ended.promise)).toEqual(status);
    expect(await outcomeOf(second.ended.promise)).toBe('pending');
    node.takeSnapshot();
    expect(await outcomeOf(second.ended.promise)).toBe('pending');
  });

  test('of one that was deleted and never launched reject', async () => {
    const { cluster, promises, over } = open();
    cluster.commit({ put: wish('t') });
    const { running, ended: end } = promises.of('web', 't');
    over({
      ticket: 't',
      at: 2,
      kind: 'failed',
      failure: { kind: 'deleted' },
      deleted: { kind: 'withdrawn' },
    });
    expect(await outcomeOf(running.promise)).toMatchObject({ code: 'TASK_DELETED' });
    expect(await outcomeOf(end.promise)).toMatchObject({ code: 'TASK_DELETED' });
  });

  test('reject when the instance is closed', async () => {
    const { cluster, promises } = open();
    cluster.commit({ put: wish('t') });
    const { running } = promises.of('web', 't');
    promises.close(new Error('closed'));
    expect(await outcomeOf(running.promise)).toMatchObject({ message: 'closed' });
  });
});
