import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { VirtualCluster, type VirtualClusterOptions } from '../../src/virtual/virtual-cluster.ts';
import { command, TestScheduler } from './test-scheduler.ts';

function launched(options: Partial<VirtualClusterOptions>): {
  readonly cluster: VirtualCluster;
  readonly scheduler: TestScheduler;
  readonly agentId: string;
} {
  const next = seededRandom(9);
  const cluster = new VirtualCluster({ random: { next }, agents: 1, ...options });
  cluster.run(100);
  const scheduler = new TestScheduler(cluster).subscribe();
  const agentId = cluster.agentId(1) ?? '';
  scheduler.launch(scheduler.firstOffer, [
    command('long', agentId),
    command('ends', agentId, { labelled: { 'run-ms': 6000 } }),
  ]);
  cluster.run(2000);
  return { cluster, scheduler, agentId };
}

const returnsLate = { agent: { waitsForPingTimeout: true } };

function ask(scheduler: TestScheduler, taskId: string, agentId?: string): void {
  const agent = agentId === undefined ? {} : { agent_id: { value: agentId } };
  scheduler.send({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: taskId }, ...agent }] } });
}

test('a master that forgot everything knows no framework; its tasks are UNKNOWN until the agents are back (O36)', () => {
  const { cluster, scheduler, agentId } = launched(returnsLate);
  cluster.killMaster(1);
  cluster.run(5000);
  expect(scheduler.ends).toMatchObject([{ kind: 'unreachable' }]);
  cluster.startMaster(1);
  cluster.run(50);
  scheduler.subscribe();
  ask(scheduler, 'long', agentId);
  cluster.run(50);
  expect(scheduler.last('long')?.state).toBe('TASK_UNKNOWN');
  cluster.run(80_000);
  expect(scheduler.last('long')).toMatchObject({
    state: 'TASK_RUNNING',
    message: 'Unknown agent reregistered',
    reason: 'REASON_AGENT_REREGISTERED',
  });
  const ends = scheduler.statuses('ends').slice(2);
  expect(ends.map(({ state, uuid }) => [state, uuid === undefined])).toEqual([
    ['TASK_FINISHED', true],
    ['TASK_FINISHED', false],
    ['TASK_FINISHED', false],
  ]);
});

test('a master that remembers its agents stays silent about their tasks, and about unknown ones, until they are back (O36)', () => {
  const { cluster, scheduler, agentId } = launched({ ...returnsLate, registry: 'replicated_log' });
  cluster.killMaster(1);
  cluster.run(5000);
  cluster.startMaster(1);
  cluster.run(50);
  scheduler.subscribe();
  const before = scheduler.events.length;
  ask(scheduler, 'long', agentId);
  ask(scheduler, 'nobody');
  cluster.run(60_000);
  expect(scheduler.events.slice(before).filter(({ type }) => type === 'UPDATE')).toEqual([]);
  cluster.run(20_000);
  ask(scheduler, 'long', agentId);
  ask(scheduler, 'nobody');
  cluster.run(50);
  expect(scheduler.last('long')).toMatchObject({ state: 'TASK_RUNNING', reason: 'REASON_RECONCILIATION' });
  expect(scheduler.last('nobody')?.state).toBe('TASK_UNKNOWN');
});

test('agents that stay away for ten minutes after a restart are unreachable (O36)', () => {
  const { cluster, scheduler, agentId } = launched({ registry: 'replicated_log' });
  cluster.killAgent(1);
  cluster.killMaster(1);
  cluster.run(1000);
  cluster.startMaster(1);
  cluster.run(50);
  scheduler.subscribe();
  cluster.run(601_000);
  ask(scheduler, 'long', agentId);
  cluster.run(50);
  expect(scheduler.last('long')?.state).toBe('TASK_UNREACHABLE');
});

test('a restarted master has forgotten removed frameworks and accepts their ids again (O14)', () => {
  const { cluster, scheduler } = launched({});
  scheduler.send({ type: 'TEARDOWN' });
  cluster.run(500);
  cluster.killMaster(1);
  cluster.run(1000);
  cluster.startMaster(1);
  cluster.run(50);
  scheduler.subscribe();
  expect(scheduler.ofType('SUBSCRIBED')).toHaveLength(2);
});

test('a framework known from its agents only is not subscribed, one known to nobody cannot be found (O8)', () => {
  const { cluster, scheduler } = launched({});
  const other = new TestScheduler(cluster, { name: 'other' }).subscribe();
  cluster.killMaster(1);
  cluster.run(1000);
  cluster.startMaster(1);
  cluster.run(3000);
  const stale = new TestScheduler(cluster, { name: 'stale' }).subscribe();
  for (const [frameworkId, answer] of [
    [scheduler.frameworkId, { status: 403, text: 'Framework is not subscribed' }],
    [other.frameworkId, { status: 400, text: 'Framework cannot be found' }],
  ] as const) {
    stale.frameworkId = frameworkId;
    stale.send({ type: 'REVIVE' });
    cluster.run(50);
    expect(stale.answers.at(-1)).toMatchObject(answer);
  }
});

test('masters that do not lead redirect to the leader, for 8 s to a dead one, then another leads (O9)', () => {
  const { cluster, scheduler, agentId } = launched({ masters: 3, registry: 'replicated_log' });
  const [first, second, third] = cluster.masterUrls;
  const try_ = (url: string | undefined): unknown => {
    const client = new TestScheduler(cluster, { name: 'probe' });
    client.subscribe({}, url);
    client.close();
    return client.ends[0];
  };
  expect(try_(third)).toEqual({ kind: 'redirected', leader: first });
  cluster.killMaster(1);
  cluster.run(5000);
  expect(try_(second)).toEqual({ kind: 'redirected', leader: first });
  expect(try_(first)).toMatchObject({ kind: 'unreachable' });
  cluster.run(4000);
  expect(try_(third)).toEqual({ kind: 'redirected', leader: second });
  scheduler.subscribe({}, second);
  cluster.run(1000);
  ask(scheduler, 'long', agentId);
  cluster.run(50);
  expect(scheduler.last('long')?.state).toBe('TASK_RUNNING');
  cluster.startMaster(1);
  cluster.run(100);
  expect(try_(first)).toEqual({ kind: 'redirected', leader: second });
});

test('a new leader answers 503 while it reads its registry', () => {
  const next = seededRandom(1);
  const cluster = new VirtualCluster({ random: { next }, agents: 1, master: { recoveryMs: 1000 } });
  const scheduler = new TestScheduler(cluster).subscribe();
  expect(scheduler.ends).toEqual([
    { kind: 'refused', status: 503, text: 'Master has not finished recovery' },
  ]);
  cluster.run(1000);
  scheduler.subscribe();
  expect(scheduler.ofType('SUBSCRIBED')).toHaveLength(1);
});

test('a master that was started anew does not lead by the session of its former process', () => {
  const { cluster } = launched({ masters: 3, electionMs: 8000 });
  cluster.killMaster(1);
  cluster.run(4000);
  cluster.killMaster(2);
  cluster.startMaster(2);
  cluster.run(5000);
  expect(cluster.snapshot()?.electedMs).toBeUndefined();
  cluster.run(4000);
  expect(cluster.snapshot()?.leader).toBe('10.0.0.3:5050');
  cluster.killMaster(3);
  cluster.run(9000);
  expect(cluster.snapshot()).toMatchObject({
    leader: '10.0.0.2:5050',
    electedMs: expect.any(Number) as number,
  });
});
