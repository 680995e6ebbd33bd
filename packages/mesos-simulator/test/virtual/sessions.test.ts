import type { WireFrameworkInfo } from '@vibrissa/mesos/wire';
import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { VirtualCluster, type VirtualClusterOptions } from '../../src/virtual/virtual-cluster.ts';
import { command, TestScheduler } from './test-scheduler.ts';

function open(options: Partial<VirtualClusterOptions> = {}): VirtualCluster {
  const next = seededRandom(5);
  const cluster = new VirtualCluster({ random: { next }, agents: 2, ...options });
  cluster.run(100);
  return cluster;
}

/** A second instance of the same framework. */
function successor(
  cluster: VirtualCluster,
  of: TestScheduler,
  info: Partial<WireFrameworkInfo> = {},
): TestScheduler {
  const scheduler = new TestScheduler(cluster, { name: 'successor', ...info });
  scheduler.frameworkId = of.frameworkId;
  return scheduler;
}

const messages = (scheduler: TestScheduler): string[] =>
  scheduler.ofType('ERROR').map(({ error }) => error.message);

test.each<[Partial<WireFrameworkInfo>, object, string]>([
  [{ role: 'a' }, {}, "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable"],
  [
    { capabilities: [] },
    {},
    "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable",
  ],
  [{ roles: ['a', 'a'] }, {}, "'FrameworkInfo.roles' contains duplicate items: { a }"],
  [
    { roles: ['-a b/..'] },
    {},
    "'FrameworkInfo.roles' contains invalid role: Role component '-a b' is invalid because it starts with a dash",
  ],
  [{ failover_timeout: 1e300 }, {}, 'The framework failover_timeout (1e+300) is invalid'],
  [{}, { suppressed_roles: ['zzz'] }, 'Suppressed roles { zzz } are not contained in the set of roles'],
])('a framework with %j and %j is refused by an ERROR on its stream: %s (O2)', (info, extra, message) => {
  const scheduler = new TestScheduler(open(), info).subscribe(extra);
  expect(scheduler.streamId).not.toBe('');
  expect(scheduler.events).toEqual([{ type: 'ERROR', error: { message } }]);
  expect(scheduler.ends).toEqual([{ kind: 'ended' }]);
});

test('a second SUBSCRIBE wins; the old stream ends with ERROR, its stream id is refused (O11)', () => {
  const cluster = open();
  const first = new TestScheduler(cluster).subscribe();
  const second = successor(cluster, first).subscribe();
  expect(messages(first)).toEqual(['Framework failed over']);
  expect(first.ends).toEqual([{ kind: 'ended' }]);
  expect(second.ofType('SUBSCRIBED')).toHaveLength(1);
  first.send({ type: 'REVIVE' });
  cluster.run(20);
  expect(first.answers).toEqual([
    {
      callId: 1,
      status: 400,
      text: `The stream ID '${first.streamId}' included in this request didn't match the stream ID currently associated with framework ID ${first.frameworkId}`,
    },
  ]);
});

test('after a takeover old offers are gone without RESCIND, and filters survive until REVIVE (O12)', () => {
  const cluster = open();
  const first = new TestScheduler(cluster).subscribe();
  const [held, declined] = [...first.offers.values()];
  if (held === undefined || declined === undefined) throw new Error('Two offers are expected');
  first.decline([declined], 3600);
  cluster.run(20);
  const second = successor(cluster, first).subscribe();
  cluster.run(6000);
  expect(first.ofType('RESCIND')).toEqual([]);
  expect([...second.offers.values()].map(({ agent_id: id }) => id)).toEqual([held.agent_id]);
  second.send({ type: 'REVIVE' });
  cluster.run(20);
  expect(second.offers.size).toBe(2);
});

test('a lost connection clears the filters: offers come with the resubscription (O12)', () => {
  const cluster = open();
  const scheduler = new TestScheduler(cluster).subscribe();
  scheduler.decline(scheduler.offers.values(), 3600);
  cluster.run(50);
  scheduler.close();
  cluster.run(1000);
  scheduler.subscribe();
  expect(scheduler.offers.size).toBe(2);
});

test('suppression is what the new SUBSCRIBE says (O12)', () => {
  const cluster = open();
  const first = new TestScheduler(cluster).subscribe();
  first.send({ type: 'SUPPRESS' });
  first.decline(first.offers.values(), 0);
  cluster.run(3000);
  expect(first.offers.size).toBe(0);
  const second = successor(cluster, first).subscribe();
  cluster.run(1000);
  expect(second.offers.size).toBe(2);
  const third = successor(cluster, first, { name: 'third' }).subscribe({ suppressed_roles: ['*'] });
  cluster.run(5000);
  expect(third.offers.size).toBe(0);
});

test('what was missed is sent again after the resubscription, at once (O13)', () => {
  const cluster = open();
  const scheduler = new TestScheduler(cluster).subscribe();
  const agentId = cluster.agentId(1) ?? '';
  scheduler.launch(scheduler.offerOf(agentId), [command('ends', agentId, { labelled: { 'run-ms': 4000 } })]);
  cluster.run(1000);
  scheduler.close();
  cluster.run(5000);
  scheduler.subscribe();
  expect(scheduler.last('ends')).toMatchObject({
    state: 'TASK_FINISHED',
    uuid: expect.any(String) as string,
  });
});

test('while nobody is subscribed every call is refused by 403 (O8)', () => {
  const cluster = open();
  const first = new TestScheduler(cluster).subscribe();
  const other = successor(cluster, first).subscribe();
  other.close();
  cluster.run(50);
  first.send({ type: 'RECONCILE', reconcile: { tasks: [] } });
  cluster.run(50);
  expect(first.answers.at(-1)).toMatchObject({ status: 403, text: 'Framework is not subscribed' });
});

test.each([
  ['its failover timeout has passed', { failover_timeout: 15 }, 16_000],
  ['it has none and the connection is lost', { failover_timeout: 0 }, 1000],
])('a framework is removed when %s, and its id is refused (O14)', (_why, info, waitMs) => {
  const cluster = open();
  const scheduler = new TestScheduler(cluster, info).subscribe();
  const agentId = cluster.agentId(1) ?? '';
  scheduler.launch(scheduler.offerOf(agentId), [command('t', agentId)]);
  cluster.run(1000);
  scheduler.close();
  cluster.run(waitMs);
  expect(cluster.containers(1)).toEqual([]);
  scheduler.subscribe();
  expect(messages(scheduler)).toEqual(['Framework has been removed']);
});

test('within the failover timeout tasks go on', () => {
  const cluster = open();
  const scheduler = new TestScheduler(cluster, { failover_timeout: 15 }).subscribe();
  const agentId = cluster.agentId(1) ?? '';
  scheduler.launch(scheduler.offerOf(agentId), [command('t', agentId)]);
  cluster.run(1000);
  scheduler.close();
  cluster.run(14_000);
  scheduler.subscribe();
  cluster.run(10_000);
  expect(cluster.containers(1)).toHaveLength(1);
  expect(messages(scheduler)).toEqual([]);
});

test('TEARDOWN kills the tasks and ends the stream without a word; later calls find no framework (O14)', () => {
  const cluster = open();
  const scheduler = new TestScheduler(cluster).subscribe();
  const agentId = cluster.agentId(1) ?? '';
  scheduler.launch(scheduler.offerOf(agentId), [command('t', agentId)]);
  cluster.run(1000);
  scheduler.send({ type: 'TEARDOWN' });
  cluster.run(500);
  expect(scheduler.ends).toEqual([{ kind: 'ended' }]);
  expect(scheduler.states('t')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
  expect(cluster.containers(1)).toEqual([]);
  scheduler.send({ type: 'REVIVE' });
  cluster.run(50);
  expect(scheduler.answers.at(-1)).toMatchObject({ status: 400, text: 'Framework cannot be found' });
  expect(cluster.snapshot()).toMatchObject({
    frameworks: [],
    completedFrameworks: [{ id: scheduler.frameworkId, tasks: [], offers: [] }],
  });
});

test('an invented framework id is accepted (O14)', () => {
  const cluster = open();
  const scheduler = new TestScheduler(cluster);
  scheduler.frameworkId = 'my-own-id-0001';
  scheduler.subscribe();
  expect(scheduler.ofType('SUBSCRIBED')[0]?.subscribed.framework_id.value).toBe('my-own-id-0001');
});

test('a resubscription changes the name, never user and checkpoint; a changed principal is an ERROR (O15)', () => {
  const cluster = open();
  const first = new TestScheduler(cluster, { roles: ['r1'] }).subscribe();
  const renamed = successor(cluster, first, {
    name: 'renamed',
    user: 'nobody',
    checkpoint: false,
    roles: ['r2'],
  });
  renamed.subscribe();
  expect(cluster.snapshot()?.frameworks[0]).toMatchObject({
    info: { name: 'renamed', user: 'root', checkpoint: true },
    roles: ['r2'],
  });
  expect(first.ofType('RESCIND')).toHaveLength(2);
  const other = successor(cluster, first, { principal: 'p' }).subscribe();
  expect(messages(other)).toEqual(["Changing framework's principal is not allowed."]);
  expect(messages(renamed)).toEqual([]);
});

test('UPDATE_FRAMEWORK answers 200, rescinds the offers of a dropped role, and refuses a changed user (O15)', () => {
  const cluster = open();
  const scheduler = new TestScheduler(cluster, { roles: ['a'] }).subscribe();
  const framework_info = {
    user: 'root',
    name: 'test',
    id: { value: scheduler.frameworkId },
    checkpoint: true,
    failover_timeout: 120,
    roles: ['d'],
    capabilities: [{ type: 'MULTI_ROLE' as const }, { type: 'RESERVATION_REFINEMENT' as const }],
  };
  scheduler.send({ type: 'UPDATE_FRAMEWORK', update_framework: { framework_info } });
  scheduler.send({
    type: 'UPDATE_FRAMEWORK',
    update_framework: { framework_info: { ...framework_info, user: 'nobody' } },
  });
  cluster.run(1100);
  expect(scheduler.ofType('RESCIND')).toHaveLength(2);
  expect(scheduler.answers).toEqual([
    { callId: 1, status: 200, text: '' },
    {
      callId: 2,
      status: 400,
      text: "FrameworkInfo update is not valid: Updating 'FrameworkInfo.user' is unsupported; attempted to update from 'root' to 'nobody'",
    },
  ]);
  expect([...scheduler.offers.values()].map((offer) => offer.allocation_info?.role)).toEqual(['d', 'd']);
});
