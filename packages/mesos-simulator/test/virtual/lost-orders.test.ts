import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import { command, TestScheduler } from './test-scheduler.ts';

/** One agent that has never got the order to run a task that its master believes to be there. */
function withLostOrder() {
  const cluster = new VirtualCluster({ random: { next: seededRandom(7) }, agents: 1 });
  cluster.run(100);
  const scheduler = new TestScheduler(cluster).subscribe();
  cluster.addFault({ on: 'to-agent', type: 'run-task', fault: { kind: 'drop' } });
  const agentId = cluster.agentId(1) ?? '';
  scheduler.launch(scheduler.firstOffer, [command('lost', agentId)]);
  cluster.run(1000);
  return { cluster, scheduler, agentId };
}

function kill(scheduler: TestScheduler, agentId: string): void {
  scheduler.send({ type: 'KILL', kill: { task_id: { value: 'lost' }, agent_id: { value: agentId } } });
}

function tasks(cluster: VirtualCluster): readonly string[] {
  return cluster.snapshot()?.frameworks[0]?.tasks.map(({ id }) => id) ?? [];
}

test('a KILL of a task whose order was lost is answered by its agent: it was dropped', () => {
  const { cluster, scheduler, agentId } = withLostOrder();
  expect(scheduler.statuses('lost')).toEqual([]);
  kill(scheduler, agentId);
  cluster.run(100);
  expect(scheduler.statuses('lost')).toEqual([
    expect.objectContaining({
      state: 'TASK_DROPPED',
      source: 'SOURCE_AGENT',
      reason: 'REASON_EXECUTOR_TERMINATED',
      uuid: expect.any(String) as string,
    }),
  ]);
  expect(tasks(cluster)).toEqual([]);
});

test('an agent that is killed before its word on such a task was acknowledged gives it again', () => {
  const { cluster, scheduler, agentId } = withLostOrder();
  scheduler.acknowledges = false;
  kill(scheduler, agentId);
  cluster.run(100);
  expect(scheduler.states('lost')).toEqual(['TASK_DROPPED']);
  expect(tasks(cluster)).toEqual(['lost']);
  cluster.killAgent(1);
  cluster.run(1000);
  scheduler.acknowledges = true;
  cluster.startAgent(1);
  cluster.run(10_000);
  expect(scheduler.states('lost').slice(1)).toContain('TASK_DROPPED');
  expect(tasks(cluster)).toEqual([]);
});
