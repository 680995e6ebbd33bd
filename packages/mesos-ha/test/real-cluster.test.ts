import { ClusterNode, staticSeeds } from '@vibrissa/cluster';
import { SteadyClock, takeOwnLoopback } from '@vibrissa/testkit';
import { expect, onTestFinished, test } from 'vitest';

import { ClusteredScheduler, epochFloorFromMesos } from '../src/index.ts';
import { eventually, FrameworkKit } from './framework-kit.ts';

const SECRET = 'a secret of all instances';
const NAME = 'real';

const PORT = 7946;
/** Less than half of a lease: what a busy machine takes from all of them at once ends none. */
const LONGEST_STALL_MS = 20;
const clock = new SteadyClock(LONGEST_STALL_MS);

interface RealInstance {
  readonly cluster: ClusterNode;
  readonly framework: ClusteredScheduler;
}

async function start(kit: FrameworkKit, hosts: readonly string[], slot: number): Promise<RealInstance> {
  const masters = kit.simulator.url;
  const cluster = await ClusterNode.open({
    name: NAME,
    secrets: [SECRET],
    listen: { host: hosts[slot]!, port: PORT },
    seeds: staticSeeds(hosts.map((host) => `${host}:${PORT}`)),
    instances: hosts.length,
    timing: 'fast',
    clock,
    epochFloor: () => epochFloorFromMesos({ masters, cluster: NAME }),
  });
  const framework = await ClusteredScheduler.open({
    cluster,
    masters,
    framework: { name: 'story' },
    clock,
    offers: { reviveIntervalMs: 50, refuseWaitingMs: 100 },
  });
  onTestFinished(async () => {
    await framework.close();
    await cluster.close();
  });
  return { cluster, framework };
}

async function crash({ cluster, framework }: RealInstance): Promise<void> {
  await Promise.all([cluster.close(), framework.close()]);
}

async function three(kit: FrameworkKit) {
  const loopback = await takeOwnLoopback();
  onTestFinished(() => loopback.close());
  const hosts = [1, 2, 3].map((number) => loopback.host(number));
  const all = await Promise.all([0, 1, 2].map((slot) => start(kit, hosts, slot)));
  await eventually(() => all.every(({ framework }) => framework.view().subscribed));
  return { hosts, all };
}

function leaderOf(all: readonly RealInstance[]): RealInstance | undefined {
  return all.find(({ framework }) => framework.view().leads);
}

async function run(kit: FrameworkKit, { framework }: RealInstance, ids: readonly string[]): Promise<void> {
  const tasks = await Promise.all(ids.map((id) => framework.submit(kit.counted(id))));
  await Promise.all(tasks.map((task) => task.running));
  await kit.begun(...ids);
}

test('over real sockets, too, another instance goes on when the leader dies (#70)', async () => {
  const kit = await FrameworkKit.open();
  const { all } = await three(kit);
  const leader = leaderOf(all)!;
  const [follower, other] = all.filter((one) => one !== leader) as [RealInstance, RealInstance];
  await run(kit, follower, ['a', 'b']);
  const { id } = follower.framework.view();
  await crash(leader);
  await eventually(() => leaderOf([follower, other])?.framework.view().subscribed === true);
  await run(kit, other, ['c']);
  expect(other.framework.view()).toMatchObject({ id, tasks: { running: 3 } });
  expect(other.framework.view().lastFailover).toMatchObject({ from: leader.cluster.id });
  expect(await kit.begun('a', 'b', 'c')).toEqual([1, 1, 1]);
  expect(await kit.frameworkIds()).toEqual([id]);
});

test('over real sockets, too, all that was lost is found in Mesos (#75)', async () => {
  const kit = await FrameworkKit.open();
  const before = await three(kit);
  await run(kit, before.all[0]!, ['a', 'b']);
  const { id, epoch } = before.all[0]!.framework.view();
  await Promise.all(before.all.map(crash));
  const all = await Promise.all([0, 1, 2].map((slot) => start(kit, before.hosts, slot)));
  await eventually(() => all.every(({ framework }) => framework.view().subscribed));
  const { framework } = all[0]!;
  expect(framework.view()).toMatchObject({ id, tasks: { running: 2 } });
  expect(framework.view().epoch).toBeGreaterThan(epoch!);
  await framework.delete('a');
  expect(await kit.begun('a', 'b')).toEqual([1, 1]);
  expect(await kit.frameworkIds()).toEqual([id]);
});

test('a leader that leaves hands over, and its tasks go on', async () => {
  const kit = await FrameworkKit.open();
  const { all } = await three(kit);
  const leader = leaderOf(all)!;
  const rest = all.filter((one) => one !== leader);
  await run(kit, leader, ['a']);
  await leader.framework.leave();
  await eventually(() => rest.every(({ framework }) => framework.view().subscribed));
  expect(leaderOf(rest)).toBeDefined();
  expect(await kit.runningInMesos()).toHaveLength(1);
  await expect(leader.framework.submit(kit.counted('late'))).rejects.toMatchObject({ code: 'CLOSED' });
});
