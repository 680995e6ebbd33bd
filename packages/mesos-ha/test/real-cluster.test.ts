import { ClusterNode, staticSeeds } from '@vibrissa/cluster';
import { expect, onTestFinished, test } from 'vitest';

import { ClusteredScheduler, epochFloorFromMesos } from '../src/index.ts';
import { eventually, FrameworkKit } from './framework-kit.ts';

const SECRET = 'a secret of all instances';
const NAME = 'real';

interface RealInstance {
  readonly cluster: ClusterNode;
  readonly framework: ClusteredScheduler;
}

/** Ports that nobody has: bound once. */
async function freePorts(count: number): Promise<readonly number[]> {
  const found = await Promise.all(
    Array.from({ length: count }, () =>
      ClusterNode.open({
        name: 'nobody',
        secrets: [SECRET],
        listen: { host: '127.0.0.1', port: 0 },
        seeds: staticSeeds(['127.0.0.1:1']),
        instances: 3,
      }),
    ),
  );
  await Promise.all(found.map((node) => node.close()));
  return found.map((node) => Number(node.view().self.address.split(':').at(-1)));
}

async function start(kit: FrameworkKit, ports: readonly number[], slot: number): Promise<RealInstance> {
  const masters = kit.simulator.url;
  const cluster = await ClusterNode.open({
    name: NAME,
    secrets: [SECRET],
    listen: { host: '127.0.0.1', port: ports[slot]! },
    seeds: staticSeeds(ports.map((port) => `127.0.0.1:${port}`)),
    instances: ports.length,
    timing: 'fast',
    epochFloor: () => epochFloorFromMesos({ masters, cluster: NAME }),
  });
  const framework = await ClusteredScheduler.open({
    cluster,
    masters,
    framework: { name: 'story' },
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
  const ports = await freePorts(3);
  const all = await Promise.all([0, 1, 2].map((slot) => start(kit, ports, slot)));
  await eventually(() => all.every(({ framework }) => framework.view().subscribed));
  return { ports, all };
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
  const all = await Promise.all([0, 1, 2].map((slot) => start(kit, before.ports, slot)));
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
