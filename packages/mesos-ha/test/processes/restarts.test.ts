import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { Stage } from './stage.ts';
import { until } from './until.ts';

test('new instances at new addresses take over from the old ones, which all go at once (#74)', async () => {
  const stage = await Stage.withInstances();
  const old = stage.running;
  const pids = await stage.run(['a', 'b'], old[0]!);
  const { framework } = await old[0]!.state();
  const fresh = await Promise.all(old.map(() => stage.machines.add()));
  stage.list([...old.map(({ machine }) => machine), ...fresh]);
  await Promise.all(fresh.map((machine) => stage.start(machine)));
  await stage.leader();
  for (const instance of old) instance.signal('SIGTERM');
  await Promise.all(old.map(({ exited }) => exited));
  stage.list(fresh);
  const leader = await stage.leader();
  expect((await leader.state()).framework.id).toBe(framework.id);
  await stage.isWhole();
  await stage.run(['c'], leader);
  await stage.runsOnly(['a', 'b', 'c']);
  expect(stage.pidsOf(['a', 'b'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});

test('all instances are killed at once and started with their disks: everything is as it was (#75)', async () => {
  const stage = await Stage.forTest();
  const directory = (index: number) => join(stage.directory, `disk-${index}`);
  const machines = await Promise.all([1, 2, 3].map(() => stage.machines.add()));
  stage.list(machines);
  const startAll = () =>
    Promise.all(machines.map((machine, index) => stage.start(machine, { directory: directory(index) })));
  const before = await startAll();
  const leader = await stage.isWhole();
  const pids = await stage.run(['a', 'b'], leader);
  const { framework, cluster } = await leader.state();
  await Promise.all(before.map((instance) => instance.kill()));

  const after = await startAll();
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  const next = await stage.leader();
  const state = await next.state();
  expect(state.framework.id).toBe(framework.id);
  expect(state.cluster.clusterId).toBe(cluster.clusterId);
  expect(state.tasks.map(({ id }) => id).toSorted()).toEqual(['a', 'b']);
  await stage.run(['c'], next);
  await stage.runsOnly(['a', 'b', 'c']);
  expect(stage.pidsOf(['a', 'b'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});

test('all instances are killed at once and lose everything: they find their framework and its tasks in Mesos (#75)', async () => {
  const stage = await Stage.withInstances();
  const before = stage.running;
  const pids = await stage.run(['a', 'b'], before[0]!);
  const { framework } = await before[0]!.state();
  await Promise.all(before.map((instance) => instance.kill()));

  await Promise.all(before.map(({ machine }) => stage.start(machine)));
  const leader = await stage.leader();
  expect((await leader.state()).framework.id).toBe(framework.id);
  const [other] = stage.others(leader);
  expect(await other!.submit(stage.task('a'))).toMatchObject({
    status: 409,
    body: { code: 'DUPLICATE_TASK' },
  });
  await stage.run(['c'], other!);
  await stage.runsOnly(['a', 'b', 'c']);
  expect(stage.pidsOf(['a', 'b'])).toEqual(pids);
  expect(await other!.delete('a')).toMatchObject({ status: 200, body: { state: 'TASK_KILLED' } });
  await stage.runsOnly(['b', 'c']);
  expect(await stage.violations()).toEqual([]);
});

test('a list of seeds that flaps founds one cluster and takes nobody’s vote away (#80)', async () => {
  const stage = await Stage.forTest();
  const machines = await Promise.all([1, 2, 3].map(() => stage.machines.add()));
  const [a, b, c] = machines.map(({ address }) => `${address}:7946\n`);
  const lists = [`${a}${b}${c}`, a!, `${b}${c}`, '', `${c}${a}`, 'no address at all:::\n', b!];
  let flaps = 0;
  const flapping = setInterval(() => writeFileSync(stage.seeds, lists[(flaps += 1) % lists.length]!), 90);
  try {
    stage.list(machines);
    await Promise.all(machines.map((machine) => stage.start(machine)));
    const leader = await stage.leader();
    const pids = await stage.run(['a'], leader);
    const settled = flaps;
    await until('it has flapped for long enough to miss everybody', async () => flaps > settled + 30);
    await stage.isWhole();
    await (await stage.leader()).kill();
    const next = await stage.leader();
    await stage.run(['b'], next);
    const clusters = await Promise.all(stage.running.map((one) => one.state()));
    expect(new Set(clusters.map(({ cluster }) => cluster.clusterId)).size).toBe(1);
    expect(stage.pidsOf(['a'])).toEqual(pids);
  } finally {
    clearInterval(flapping);
  }
  await stage.runsOnly(['a', 'b']);
  expect(await stage.violations()).toEqual([]);
});

test('an instance that is reborn at the same address without its memory is a new member in the old one’s place (#81)', async () => {
  const stage = await Stage.withInstances();
  const leader = await stage.leader();
  const pids = await stage.run(['a'], leader);
  const [follower] = stage.others(leader);
  for (const dying of [follower!, leader]) {
    await dying.kill();
    const reborn = await stage.start(dying.machine);
    expect(reborn.id).not.toBe(dying.id);
    await stage.isWhole();
  }
  await stage.run(['b'], await stage.leader());
  await stage.runsOnly(['a', 'b']);
  expect(stage.pidsOf(['a'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});
