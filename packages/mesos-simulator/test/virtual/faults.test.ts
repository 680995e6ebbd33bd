import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import type { GivenFault } from '../../src/faults/fault.ts';
import { randomFaults } from '../../src/virtual/random-faults.ts';
import { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import { TestScheduler } from './test-scheduler.ts';

function open() {
  const cluster = new VirtualCluster({ random: { next: seededRandom(3) }, agents: 1 });
  cluster.run(100);
  return { cluster, scheduler: new TestScheduler(cluster) };
}

const reconcile = { type: 'RECONCILE' as const, reconcile: { tasks: [] } };
const unknown = { type: 'RECONCILE' as const, reconcile: { tasks: [{ task_id: { value: 'nobody' } }] } };

test.each<[GivenFault, readonly number[], heard: number]>([
  [{ kind: 'drop' }, [0], 0],
  [{ kind: 'refuse', status: 500, text: 'no' }, [500], 0],
  [{ kind: 'swallow' }, [202], 0],
  [{ kind: 'lose-answer' }, [0], 1],
  [{ kind: 'duplicate' }, [202], 2],
])('a call that meets %j is answered by %j, and heard %d times', (fault, answers, heard) => {
  const { cluster, scheduler } = open();
  scheduler.subscribe();
  cluster.addFault({ on: 'calls', type: 'RECONCILE', fault, times: 1 });
  scheduler.send(unknown);
  cluster.run(20);
  expect(scheduler.answers.map(({ status }) => status)).toEqual(answers);
  expect(scheduler.statuses('nobody')).toHaveLength(heard);
});

test('a delayed call holds back those behind it; one that is held comes after the next', () => {
  const { cluster, scheduler } = open();
  scheduler.subscribe();
  cluster.addFault({ on: 'calls', type: 'RECONCILE', fault: { kind: 'delay', delayMs: 500 }, times: 1 });
  scheduler.send(reconcile);
  scheduler.send({ type: 'REVIVE' });
  cluster.run(400);
  expect(scheduler.answers).toEqual([]);
  cluster.run(200);
  expect(scheduler.answers.map(({ callId }) => callId)).toEqual([1, 2]);
  cluster.addFault({ on: 'calls', type: 'RECONCILE', fault: { kind: 'reorder' }, times: 1 });
  scheduler.send(reconcile);
  scheduler.send({ type: 'REVIVE' });
  cluster.run(200);
  expect(scheduler.answers.map(({ callId }) => callId)).toEqual([1, 2, 4, 3]);
});

test.each<[GivenFault, string]>([
  [{ kind: 'drop' }, 'unreachable'],
  [{ kind: 'refuse' }, 'refused'],
  [{ kind: 'swallow' }, 'refused'],
  [{ kind: 'lose-answer' }, 'unreachable'],
])('a SUBSCRIBE that meets %j ends the connection as %s', (fault, end) => {
  const { cluster, scheduler } = open();
  cluster.addFault({ on: 'calls', type: 'SUBSCRIBE', fault });
  scheduler.subscribe();
  expect(scheduler.ends.map(({ kind }) => kind)).toEqual([end]);
  expect(scheduler.events).toEqual([]);
});

test.each<[GivenFault, string]>([
  [{ kind: 'garbage' }, 'garbage'],
  [{ kind: 'cut' }, 'unreachable'],
  [{ kind: 'end' }, 'ended'],
])('a stream whose event meets %j ends as %s, and its master notices', (fault, end) => {
  const { cluster, scheduler } = open();
  cluster.addFault({ on: 'events', type: 'OFFERS', fault });
  scheduler.subscribe();
  cluster.run(2000);
  expect(scheduler.ends.map(({ kind }) => kind)).toEqual([end]);
  expect(scheduler.ofType('OFFERS')).toEqual([]);
  expect(cluster.snapshot()?.frameworks[0]?.connected).toBe(false);
});

test('on a half-open stream nothing comes any more, calls are answered, and nobody is told', () => {
  const { cluster, scheduler } = open();
  scheduler.subscribe();
  cluster.addFault({ on: 'events', type: 'UPDATE', fault: { kind: 'half-open' }, times: 1 });
  const before = scheduler.events.length;
  scheduler.send(unknown);
  cluster.run(60_000);
  expect(scheduler.events).toHaveLength(before);
  expect(scheduler.answers.map(({ status }) => status)).toEqual([202]);
  expect(scheduler.ends).toEqual([]);
  expect(cluster.snapshot()?.frameworks[0]?.connected).toBe(true);
  expect(cluster.faults).toMatchObject([{ id: 1, struck: 1 }]);
});

test('an event comes twice, or after the next one, as its rule says', () => {
  const { cluster, scheduler } = open();
  scheduler.subscribe();
  cluster.addFault({ on: 'events', type: 'UPDATE', fault: { kind: 'reorder' }, times: 1 });
  cluster.addFault({ on: 'events', type: 'UPDATE', fault: { kind: 'duplicate' }, times: 1 });
  const ask = ['a', 'b'].map((value) => ({ task_id: { value } }));
  scheduler.send({ type: 'RECONCILE', reconcile: { tasks: ask } });
  cluster.run(20);
  const told = scheduler.ofType('UPDATE').map(({ update }) => update.status.task_id.value);
  expect(told).toEqual(['b', 'b', 'a']);
});

test('rules and rates that could never strike are refused, and rules can be taken back', () => {
  const { cluster } = open();
  expect(() => cluster.addFault({ on: 'events', fault: { kind: 'swallow' } })).toThrow('is for calls');
  expect(() => cluster.addFault({ on: 'to-agent', agent: 2, fault: { kind: 'drop' } })).toThrow('no agent 2');
  expect(() => randomFaults({ next: () => 0 }, { events: { swallow: 1 } })).toThrow('is for calls');
  const rule = cluster.addFault({ on: 'calls', fault: { kind: 'drop' } });
  expect([cluster.removeFault(rule), cluster.removeFault(rule)]).toEqual([true, false]);
  cluster.addFault({ on: 'calls', fault: { kind: 'drop' } });
  cluster.clearFaults();
  expect(cluster.faults).toEqual([]);
});
