import { onTestFinished, expect, test } from 'vitest';

import { epochFloorFromMesos, mesosWitness } from '../src/index.ts';
import { eventually, FrameworkKit } from './framework-kit.ts';

test('the highest epoch that a cluster has left in Mesos is found, and only its own', async () => {
  const kit = await FrameworkKit.open();
  const masters = kit.simulator.url;
  expect(await epochFloorFromMesos({ masters, cluster: 'shared' })).toBe(0);
  kit.cluster.epoch = 6;
  const one = await kit.join('one');
  await kit.subscribed(one);
  const task = await one.framework.submit(kit.counted('web'));
  await task.running;
  expect(await epochFloorFromMesos({ masters, cluster: 'shared' })).toBe(7);
  expect(await epochFloorFromMesos({ masters, cluster: 'other' })).toBe(0);
});

test('no master says so: then nobody knows the highest epoch', async () => {
  const masters = 'http://127.0.0.1:1';
  await expect(epochFloorFromMesos({ masters, cluster: 'shared' })).rejects.toMatchObject({
    name: 'MasterUnreachable',
  });
});

test('Mesos bears witness to who is subscribed, since which epoch, and whether it is there', async () => {
  const kit = await FrameworkKit.open();
  const witness = mesosWitness({ masters: kit.simulator.url, name: 'story', cluster: 'shared' });
  onTestFinished(() => witness.close());
  expect(await witness.observe()).toEqual({ epoch: 0, isConnected: false });
  const one = await kit.join('one');
  await kit.subscribed(one);
  const report = await witness.observe();
  const begun = expect.stringMatching(/^\d+$/);
  expect(report).toEqual({ holder: 'one', epoch: 1, isConnected: true, begun });
  await kit.crash(one);
  await eventually(async () => !(await witness.observe()).isConnected);
  expect(await witness.observe()).toEqual({ ...report, isConnected: false });
  await kit.subscribed(await kit.join('one'));
  expect((await witness.observe()).begun).not.toBe(report.begun);
});
