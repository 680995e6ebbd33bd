import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { VirtualCluster, type VirtualClusterOptions } from '../../src/virtual/virtual-cluster.ts';
import { allCapabilities, command, TestScheduler } from './test-scheduler.ts';

interface Opened {
  readonly cluster: VirtualCluster;
  readonly scheduler: TestScheduler;
  readonly agentId: string;
}

/** Two agents; the second runs the tasks. */
function open(info: object = {}, options: Partial<VirtualClusterOptions> = {}): Opened {
  const next = seededRandom(3);
  const cluster = new VirtualCluster({ random: { next }, agents: 2, ...options });
  cluster.run(100);
  return {
    cluster,
    scheduler: new TestScheduler(cluster, info).subscribe(),
    agentId: cluster.agentId(2) ?? '',
  };
}

function launched(taskId: string, info: object = {}): Opened {
  const opened = open(info);
  const { cluster, scheduler, agentId } = opened;
  scheduler.launch(scheduler.offerOf(agentId), [command(taskId, agentId)]);
  cluster.run(1000);
  return opened;
}

function reconcile({ cluster, scheduler }: Opened, taskId: string, agentId?: string): unknown {
  const agent = agentId === undefined ? {} : { agent_id: { value: agentId } };
  scheduler.send({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: taskId }, ...agent }] } });
  cluster.run(50);
  return scheduler.last(taskId);
}

test('an agent that is only disconnected has its tasks running, for all that reconciliation says (O37)', () => {
  const opened = launched('long');
  opened.cluster.killAgent(2);
  opened.cluster.run(5000);
  expect(reconcile(opened, 'long')).toMatchObject({
    state: 'TASK_RUNNING',
    reason: 'REASON_RECONCILIATION',
  });
  expect(reconcile(opened, 'nobody', opened.agentId)).toMatchObject({ state: 'TASK_GONE' });
});

test('the pings of a dead agent give up after 75 to 90 s; on its return its tasks run again (O38)', () => {
  const opened = launched('long');
  const { cluster, scheduler, agentId } = opened;
  cluster.killAgent(2);
  const killedMs = cluster.nowMs;
  expect(cluster.runUntil(() => scheduler.last('long')?.state === 'TASK_UNREACHABLE', 120_000)).toBe(true);
  expect(cluster.nowMs - killedMs).toBeGreaterThan(60_000);
  expect(cluster.nowMs - killedMs).toBeLessThan(90_100);
  cluster.run(50);
  expect(scheduler.last('long')).toMatchObject({
    message: 'health check timed out',
    source: 'SOURCE_MASTER',
    reason: 'REASON_AGENT_REMOVED',
    unreachable_time: { nanoseconds: expect.any(Number) as number },
  });
  expect(scheduler.ofType('FAILURE')).toEqual([
    { type: 'FAILURE', failure: { agent_id: { value: agentId } } },
  ]);
  cluster.startAgent(2);
  cluster.run(5000);
  expect(scheduler.last('long')).toMatchObject({
    state: 'TASK_RUNNING',
    message: 'Unreachable agent re-reregistered',
    reason: 'REASON_AGENT_REREGISTERED',
  });
});

test('only with the agent id reconciliation knows an unreachable task (O34)', () => {
  const opened = launched('long');
  opened.cluster.killAgent(2);
  opened.cluster.run(95_000);
  expect(reconcile(opened, 'long', opened.agentId)).toMatchObject({ state: 'TASK_UNREACHABLE' });
  expect(reconcile(opened, 'nobody', opened.agentId)).toMatchObject({ state: 'TASK_UNREACHABLE' });
  expect(reconcile(opened, 'long')).toMatchObject({ state: 'TASK_UNKNOWN' });
  const before = opened.scheduler.events.length;
  opened.scheduler.send({ type: 'RECONCILE', reconcile: { tasks: [] } });
  opened.cluster.run(50);
  expect(opened.scheduler.events.slice(before)).toEqual([]);
});

test('a KILL of an unreachable task is lost: the task is running when its agent is back (O32)', () => {
  const { cluster, scheduler, agentId } = launched('long');
  cluster.killAgent(2);
  cluster.run(95_000);
  scheduler.send({ type: 'KILL', kill: { task_id: { value: 'long' }, agent_id: { value: agentId } } });
  cluster.run(50);
  expect(scheduler.last('long')).toMatchObject({
    state: 'TASK_UNREACHABLE',
    reason: 'REASON_RECONCILIATION',
  });
  cluster.startAgent(2);
  cluster.run(20_000);
  expect(scheduler.last('long')?.state).toBe('TASK_RUNNING');
  expect(cluster.containers(2)).toHaveLength(1);
});

test('a KILL while the agent is only disconnected waits for it', () => {
  const { cluster, scheduler } = launched('long');
  cluster.killAgent(2);
  cluster.run(1000);
  scheduler.send({ type: 'KILL', kill: { task_id: { value: 'long' } } });
  cluster.run(1000);
  cluster.startAgent(2);
  cluster.run(5000);
  expect(scheduler.last('long')?.state).toBe('TASK_KILLED');
});

test('without PARTITION_AWARE even TASK_LOST is not the end (O38)', () => {
  const capabilities = allCapabilities.filter(({ type }) => type !== 'PARTITION_AWARE');
  const { cluster, scheduler } = launched('long', { capabilities });
  cluster.killAgent(2);
  cluster.run(95_000);
  expect(scheduler.last('long')).toMatchObject({ state: 'TASK_LOST', reason: 'REASON_AGENT_REMOVED' });
  cluster.startAgent(2);
  cluster.run(5000);
  expect(scheduler.last('long')?.state).toBe('TASK_RUNNING');
});

test('tasks of a framework that does not checkpoint are lost with the connection, PARTITION_AWARE or not (O39)', () => {
  const { cluster, scheduler } = launched('fragile', { checkpoint: false });
  cluster.killAgent(2);
  cluster.run(50);
  expect(scheduler.last('fragile')).toMatchObject({
    state: 'TASK_LOST',
    message: 'Agent 10.1.0.2 disconnected',
    reason: 'REASON_AGENT_DISCONNECTED',
  });
  expect(cluster.containers(2)).toEqual([]);
});

test('a task that ended while its agent was down has failed, nobody knows how (O40)', () => {
  const { cluster, scheduler, agentId } = open();
  const labelled = { 'run-ms': 3000 };
  scheduler.launch(scheduler.offerOf(agentId), [
    command('ends', agentId, { labelled }),
    command('stays', agentId),
  ]);
  cluster.run(1000);
  cluster.killAgent(2);
  cluster.run(5000);
  cluster.startAgent(2);
  cluster.run(5000);
  const ends = scheduler.statuses('ends').slice(2);
  expect(ends).toMatchObject([
    {
      state: 'TASK_FAILED',
      message: 'Abnormal executor termination: unknown container',
      source: 'SOURCE_AGENT',
      reason: 'REASON_EXECUTOR_TERMINATED',
    },
    { state: 'TASK_FAILED' },
  ]);
  // An agent that is back tells what waits twice.
  expect(ends[0]?.uuid).toBe(ends[1]?.uuid);
  expect(scheduler.states('stays')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
});

test('a launch that never reached a disconnected agent is dropped when it is back', () => {
  const { cluster, scheduler, agentId } = open();
  cluster.addFault({ on: 'to-agent', type: 'run-task', fault: { kind: 'drop' } });
  scheduler.launch(scheduler.offerOf(agentId), [command('never', agentId)]);
  cluster.run(1000);
  expect(scheduler.states('never')).toEqual([]);
  cluster.killAgent(2);
  cluster.run(1000);
  cluster.startAgent(2);
  cluster.run(5000);
  expect(scheduler.last('never')).toMatchObject({ state: 'TASK_DROPPED', source: 'SOURCE_AGENT' });
});

test('an agent that leaves loses its tasks for everybody, and comes back with its id (O41)', () => {
  const { cluster, scheduler, agentId } = launched('m1');
  cluster.leaveAgent(2);
  cluster.run(100);
  expect(scheduler.statuses('m1').slice(2)).toMatchObject([
    {
      state: 'TASK_LOST',
      message: 'Agent 10.1.0.2 removed: the agent unregistered',
      reason: 'REASON_AGENT_REMOVED',
    },
  ]);
  expect(scheduler.ofType('FAILURE')).toHaveLength(1);
  cluster.startAgent(2);
  cluster.run(5000);
  expect(cluster.agentId(2)).toBe(agentId);
  expect(scheduler.offerOf(agentId)).toMatchObject({ hostname: '10.1.0.2' });
});

test('an agent marked gone takes its tasks with it, is sent away, and is gone for ever (O41)', () => {
  const opened = launched('gone1');
  const { cluster, scheduler, agentId } = opened;
  expect(
    cluster.operator({ type: 'MARK_AGENT_GONE', mark_agent_gone: { agent_id: { value: agentId } } }),
  ).toEqual({
    status: 200,
    text: '',
  });
  cluster.run(100);
  expect(scheduler.last('gone1')).toMatchObject({
    state: 'TASK_GONE_BY_OPERATOR',
    message: 'Agent has been marked gone',
    reason: 'REASON_AGENT_REMOVED_BY_OPERATOR',
  });
  expect(cluster.containers(2)).toEqual([]);
  expect(reconcile(opened, 'gone1', agentId)).toMatchObject({
    state: 'TASK_GONE_BY_OPERATOR',
    message: 'Reconciliation: Task is gone',
  });
  cluster.startAgent(2);
  cluster.run(5000);
  expect(cluster.agentId(2)).not.toBe(agentId);
});

test('a drained agent gives no offers, its tasks are killed for that reason, and it can be reactivated (O41)', () => {
  const { cluster, scheduler, agentId } = launched('d1');
  cluster.run(1500);
  const held = scheduler.offerOf(agentId).id.value;
  cluster.operator({ type: 'DRAIN_AGENT', drain_agent: { agent_id: { value: agentId } } });
  cluster.run(3000);
  expect(scheduler.ofType('RESCIND').map(({ rescind }) => rescind.offer_id.value)).toContain(held);
  expect(scheduler.statuses('d1').slice(2)).toMatchObject([
    { state: 'TASK_KILLING', reason: 'REASON_AGENT_DRAINING' },
    { state: 'TASK_KILLED', reason: 'REASON_AGENT_DRAINING' },
  ]);
  expect(cluster.snapshot()?.agents.find(({ id }) => id === agentId)).toMatchObject({
    drain: 'DRAINED',
    deactivated: true,
  });
  expect(() => scheduler.offerOf(agentId)).toThrow('No offer');
  cluster.operator({ type: 'REACTIVATE_AGENT', reactivate_agent: { agent_id: { value: agentId } } });
  cluster.run(1500);
  expect(scheduler.offerOf(agentId)).toBeDefined();
});

test('maintenance makes the offers anew with unavailability, and asks by inverse offers until it is cleared (O42)', () => {
  const { cluster, scheduler, agentId } = launched('m1');
  cluster.run(1500);
  const unavailability = { start: { nanoseconds: 1e18 }, duration: { nanoseconds: 3.6e12 } };
  const schedule = (windows: readonly object[]): void => {
    const update_maintenance_schedule = { schedule: { windows } };
    cluster.operator({ type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule });
  };
  const machine_ids = [{ hostname: '10.1.0.2', ip: '10.1.0.2' }];
  schedule([{ machine_ids, unavailability }]);
  cluster.run(50);
  expect(scheduler.offerOf(agentId).unavailability).toEqual(unavailability);
  expect(scheduler.offerOf(cluster.agentId(1)).unavailability).toBeUndefined();
  const [inverse] = scheduler
    .ofType('INVERSE_OFFERS')
    .flatMap((event) => event.inverse_offers.inverse_offers);
  expect(inverse).toMatchObject({ agent_id: { value: agentId }, unavailability });
  if (inverse === undefined) return;
  scheduler.send({
    type: 'ACCEPT_INVERSE_OFFERS',
    accept_inverse_offers: { inverse_offer_ids: [inverse.id], filters: { refuse_seconds: 1 } },
  });
  cluster.run(2500);
  expect(scheduler.ofType('INVERSE_OFFERS')).toHaveLength(2);
  expect(JSON.parse(cluster.operator({ type: 'GET_MAINTENANCE_STATUS' }).text)).toMatchObject({
    get_maintenance_status: {
      status: { draining_machines: [{ id: machine_ids[0], statuses: [{ status: 'ACCEPT' }] }] },
    },
  });
  schedule([]);
  cluster.run(3000);
  expect(scheduler.offerOf(agentId).unavailability).toBeUndefined();
  expect(scheduler.ofType('INVERSE_OFFERS')).toHaveLength(2);
});

test('an agent behind a cut line is unreachable, and registers anew when the line is whole again', () => {
  const { cluster, scheduler } = launched('far');
  cluster.partitionAgent(2);
  cluster.run(95_000);
  expect(scheduler.last('far')?.state).toBe('TASK_UNREACHABLE');
  cluster.healAgent(2);
  cluster.run(90_000);
  expect(scheduler.last('far')).toMatchObject({
    state: 'TASK_RUNNING',
    reason: 'REASON_AGENT_REREGISTERED',
  });
});
