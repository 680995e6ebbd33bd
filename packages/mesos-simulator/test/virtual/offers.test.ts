import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { VirtualCluster, type VirtualClusterOptions } from '../../src/virtual/virtual-cluster.ts';
import { allCapabilities, amounts, command, cpus, mem, TestScheduler } from './test-scheduler.ts';

function openCluster(options: Partial<VirtualClusterOptions> = {}): VirtualCluster {
  const next = seededRandom(7);
  return new VirtualCluster({ random: { next }, agents: 2, ...options });
}

function subscribed(cluster: VirtualCluster): TestScheduler {
  cluster.run(100);
  return new TestScheduler(cluster).subscribe();
}

test('a subscription begins with SUBSCRIBED and a HEARTBEAT, and gets the offers of all agents at once (O3)', () => {
  const cluster = openCluster();
  const scheduler = subscribed(cluster);
  expect(scheduler.events.map(({ type }) => type)).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'OFFERS']);
  expect(scheduler.events[0]).toMatchObject({
    subscribed: { heartbeat_interval_seconds: 15, master_info: { version: '1.12.0', port: 5050 } },
  });
  expect(scheduler.offers.size).toBe(2);
  cluster.run(31_000);
  expect(scheduler.ofType('HEARTBEAT')).toHaveLength(3);
});

test('an offer carries the allocation in itself and in each resource, ports first (O21)', () => {
  const scheduler = subscribed(openCluster({ agents: 1 }));
  const allocation = { role: '*' };
  expect(scheduler.firstOffer).toMatchObject({
    allocation_info: allocation,
    url: { scheme: 'http', path: '/slave(1)' },
    resources: [
      { name: 'ports', ranges: { range: [{ begin: 31_000, end: 32_000 }] }, allocation_info: allocation },
      { name: 'cpus', scalar: { value: 8 }, allocation_info: allocation },
      { name: 'mem', scalar: { value: 16_384 }, allocation_info: allocation },
      { name: 'disk', scalar: { value: 10_000 }, allocation_info: allocation },
    ],
  });
});

test.each([
  [2, 2000, 3000],
  [undefined, 5000, 6000],
  [-1, 5000, 6000],
  [0, 0, 1000],
])(
  'after a decline with refuse_seconds %s the offer comes back after %d to %d ms (O16)',
  (seconds, least, most) => {
    const cluster = openCluster({ agents: 1 });
    const scheduler = subscribed(cluster);
    const declinedMs = cluster.nowMs;
    scheduler.decline(scheduler.offers.values(), seconds);
    expect(cluster.runUntil(() => scheduler.offers.size > 0, 10_000)).toBe(true);
    const afterMs = cluster.nowMs - declinedMs;
    expect(afterMs).toBeGreaterThanOrEqual(least);
    expect(afterMs).toBeLessThanOrEqual(most + 20);
  },
);

test('SUPPRESS leaves the offers in hand valid; REVIVE clears all filters and gives offers at once (O17)', () => {
  const cluster = openCluster();
  const scheduler = subscribed(cluster);
  scheduler.send({ type: 'SUPPRESS' });
  cluster.run(2000);
  expect(scheduler.offers.size).toBe(2);
  expect(scheduler.ofType('RESCIND')).toEqual([]);
  scheduler.decline(scheduler.offers.values(), 3600);
  cluster.run(10_000);
  expect(scheduler.offers.size).toBe(0);
  scheduler.send({ type: 'REVIVE' });
  cluster.run(10);
  expect(scheduler.offers.size).toBe(2);
});

test('the rest of an offer comes back after the filter, and what ended tasks leave as an offer of its own (O18)', () => {
  const cluster = openCluster({ agents: 1 });
  const scheduler = subscribed(cluster);
  const agentId = cluster.agentId(1) ?? '';
  const short = command('short', agentId, { labelled: { 'run-ms': 2500 } });
  scheduler.launch(scheduler.firstOffer, [short], 1);
  cluster.run(2100);
  expect([...scheduler.offers.values()].map(amounts)).toEqual([
    { ports: 'RANGES', cpus: 7.9, mem: 16_352, disk: 10_000 },
  ]);
  cluster.run(2500);
  expect([...scheduler.offers.values()].map(amounts)).toEqual([
    { ports: 'RANGES', cpus: 7.9, mem: 16_352, disk: 10_000 },
    { cpus: 0.1, mem: 32 },
  ]);
  const both = [...scheduler.offers.values()];
  scheduler.send({
    type: 'ACCEPT',
    accept: {
      offer_ids: both.map(({ id }) => id),
      operations: [
        {
          type: 'LAUNCH',
          launch: { task_infos: [command('joined', agentId, { resources: [cpus(8), mem(32)] })] },
        },
      ],
    },
  });
  cluster.run(1000);
  expect(scheduler.states('joined')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
});

test('an ACCEPT with one bad offer fails as a whole, and the good offers in it come back (O19)', () => {
  const cluster = openCluster();
  const scheduler = subscribed(cluster);
  const [one, two] = [...scheduler.offers.values()];
  if (one === undefined || two === undefined) throw new Error('Two offers are expected');
  const accept = (taskId: string, ids: readonly string[]): void =>
    scheduler.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: ids.map((value) => ({ value })),
        operations: [
          { type: 'LAUNCH', launch: { task_infos: [command(taskId, one.agent_id.value)] } },
          { type: 'UNRESERVE', id: { value: `op-${taskId}` }, unreserve: { resources: [] } },
          { type: 'UNRESERVE', unreserve: { resources: [] } },
        ],
      },
    });
  accept('twoagents', [one.id.value, two.id.value]);
  cluster.run(1500);
  expect(scheduler.last('twoagents')).toEqual({
    task_id: { value: 'twoagents' },
    state: 'TASK_DROPPED',
    message: `Task launched with invalid offers: Aggregated offers must belong to one single agent. Offer ${two.id.value} uses agent ${two.agent_id.value} and agent ${one.agent_id.value}`,
    source: 'SOURCE_MASTER',
    reason: 'REASON_INVALID_OFFERS',
    agent_id: one.agent_id,
    timestamp: expect.any(Number) as number,
  });
  expect(scheduler.ofType('UPDATE_OPERATION_STATUS').map((event) => event.update_operation_status)).toEqual([
    {
      status: {
        operation_id: { value: 'op-twoagents' },
        state: 'OPERATION_ERROR',
        message: expect.stringContaining('Operation attempted with invalid offers') as string,
      },
    },
  ]);
  scheduler.offers.delete(one.id.value);
  scheduler.offers.delete(two.id.value);
  expect(scheduler.offers.size).toBe(2);
  const again = scheduler.firstOffer;
  accept('doubled', [again.id.value, again.id.value]);
  accept('stale', [one.id.value]);
  cluster.run(100);
  expect(scheduler.last('doubled')?.message).toBe(
    `Task launched with invalid offers: Duplicate offer ${again.id.value} in offer list`,
  );
  expect(scheduler.last('stale')?.message).toBe(
    `Task launched with invalid offers: Offer ${one.id.value} is no longer valid`,
  );
});

test('a framework without PARTITION_AWARE hears TASK_LOST where others hear TASK_DROPPED (O19)', () => {
  const cluster = openCluster();
  cluster.run(100);
  const capabilities = allCapabilities.filter(({ type }) => type !== 'PARTITION_AWARE');
  const scheduler = new TestScheduler(cluster, { capabilities }).subscribe();
  const offer = scheduler.firstOffer;
  scheduler.decline([offer], 0);
  scheduler.launch(offer, [command('late', offer.agent_id.value)]);
  cluster.run(100);
  expect(scheduler.last('late')).toMatchObject({ state: 'TASK_LOST', reason: 'REASON_INVALID_OFFERS' });
});

test('an offer that is held too long is rescinded and made anew (O20)', () => {
  const cluster = openCluster({ agents: 1, master: { offerTimeoutMs: 4000 } });
  const scheduler = subscribed(cluster);
  const first = scheduler.firstOffer.id.value;
  cluster.run(5500);
  expect(scheduler.ofType('RESCIND').map(({ rescind }) => rescind.offer_id.value)).toContain(first);
  expect(scheduler.offers.size).toBe(1);
  expect(scheduler.offers.has(first)).toBe(false);
});

test('the death of an agent rescinds its offers at once (O20)', () => {
  const cluster = openCluster();
  const scheduler = subscribed(cluster);
  const lost = scheduler.offerOf(cluster.agentId(2)).id.value;
  cluster.killAgent(2);
  cluster.run(20);
  expect(scheduler.ofType('RESCIND').map(({ rescind }) => rescind.offer_id.value)).toEqual([lost]);
});

test('each role has offers of its own: suppressing one leaves the other, which then gets all agents', () => {
  const cluster = openCluster();
  cluster.run(100);
  const scheduler = new TestScheduler(cluster, { roles: ['a', 'b/c'] }).subscribe();
  const roles = (): string[] =>
    [...scheduler.offers.values()].map((offer) => offer.allocation_info?.role ?? '').toSorted();
  expect(roles()).toEqual(['a', 'b/c']);
  scheduler.send({ type: 'SUPPRESS', suppress: { roles: ['a'] } });
  scheduler.decline(scheduler.offers.values(), 0.5);
  cluster.run(3000);
  expect(roles()).toEqual(['b/c', 'b/c']);
});

test('what is free goes to the role with the least share; a weight of two makes a share count half', () => {
  const cluster = openCluster({ agents: 30, master: { weights: { heavy: 2 } } });
  cluster.run(100);
  const [light, heavy] = ['light', 'heavy'].map((role) =>
    new TestScheduler(cluster, { name: role, roles: [role] }).subscribe({ suppressed_roles: [role] }),
  ) as [TestScheduler, TestScheduler];
  light.send({ type: 'REVIVE' });
  cluster.run(10);
  expect(light.offers.size).toBe(30);
  light.decline(light.offers.values(), 0);
  cluster.run(5);
  heavy.send({ type: 'SUPPRESS' });
  heavy.send({ type: 'REVIVE' });
  cluster.run(1500);
  expect([light.offers.size, heavy.offers.size]).toEqual([10, 20]);
});

test('a framework without RESERVATION_REFINEMENT sees the old format, a single-role one no allocation (O5)', () => {
  const cluster = openCluster({ agents: 1 });
  cluster.run(100);
  const scheduler = new TestScheduler(cluster, {
    roles: [],
    role: 'old',
    capabilities: [{ type: 'PARTITION_AWARE' }],
  }).subscribe();
  const { allocation_info: allocation, resources } = scheduler.firstOffer;
  expect(allocation).toBeUndefined();
  expect(resources.map(({ role, allocation_info: own }) => [role, own])).toEqual(
    Array.from({ length: 4 }, () => ['*', undefined]),
  );
});

test('offer constraints leave only agents that satisfy a group', () => {
  const rack = (value: string) => ({
    attributes: [{ name: 'rack', type: 'TEXT' as const, text: { value } }],
  });
  const cluster = openCluster({ agents: [rack('r1'), rack('r2'), {}] });
  cluster.run(100);
  const groups = [
    {
      attribute_constraints: [
        { selector: { attribute_name: 'rack' }, predicate: { text_equals: { value: 'r2' } } },
      ],
    },
  ];
  const scheduler = new TestScheduler(cluster).subscribe({
    offer_constraints: { role_constraints: { '*': { groups } } },
  });
  expect([...scheduler.offers.values()].map(({ agent_id: id }) => id.value)).toEqual([cluster.agentId(2)]);
});

test('RESERVE makes a reservation that is offered to its role only, with feedback for operations with an id (O43)', () => {
  const cluster = openCluster({ agents: 1 });
  cluster.run(100);
  const scheduler = new TestScheduler(cluster, { roles: ['dev'], principal: 'prin' }).subscribe();
  const reservations = [{ type: 'DYNAMIC' as const, role: 'dev', principal: 'prin' }];
  const reserve = (id: string, principal: string): void => {
    const offer = scheduler.firstOffer;
    scheduler.offers.clear();
    scheduler.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: [offer.id],
        operations: [
          {
            type: 'RESERVE',
            id: { value: id },
            reserve: { resources: [{ ...cpus(1), reservations: [{ ...reservations[0], principal }] }] },
          },
        ],
        filters: { refuse_seconds: 0.5 },
      },
    });
  };
  reserve('wrong', 'other');
  cluster.run(3000);
  reserve('right', 'prin');
  cluster.run(3000);
  const statuses = scheduler
    .ofType('UPDATE_OPERATION_STATUS')
    .map((event) => event.update_operation_status.status);
  expect(statuses).toEqual([
    {
      operation_id: { value: 'wrong' },
      state: 'OPERATION_ERROR',
      message: expect.stringContaining(
        "A reserve operation was attempted by authenticated principal 'prin', which does not match a reserved resource in the request with principal 'other'; on agent",
      ) as string,
    },
    {
      operation_id: { value: 'right' },
      state: 'OPERATION_FINISHED',
      uuid: { value: expect.any(String) as string },
      agent_id: { value: cluster.agentId(1) },
    },
  ]);
  expect(scheduler.firstOffer.resources.filter(({ name }) => name === 'cpus')).toMatchObject([
    { scalar: { value: 1 }, reservations },
    { scalar: { value: 7 } },
  ]);
  scheduler.send({ type: 'TEARDOWN' });
  cluster.run(100);
  const other = new TestScheduler(cluster, { name: 'other', roles: ['ops'] }).subscribe();
  expect(amounts(other.firstOffer)).toMatchObject({ cpus: 7 });
});
