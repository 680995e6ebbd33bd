import { afterEach, expect, test } from 'vitest';

import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { aSpec, openCluster, type Cluster } from './mesos-fixture.ts';

let cluster: Cluster;
let factory: MesosContainerFactory;

afterEach(async () => {
  await factory.close();
  await cluster.close();
});

test('containers are spread over the agents, whether they are started together or one after the other', async () => {
  cluster = await openCluster({ simulator: { agents: 3 } });
  factory = await cluster.openFactory();
  await Promise.all([factory.create(aSpec()), factory.create(aSpec())]);
  await factory.create(aSpec());
  const placed = factory.connection.scheduler.tasks().map(({ placement }) => placement?.agentId);
  expect(placed).toHaveLength(3);
  expect(new Set(placed).size).toBe(3);
});

test('offers that went back are not counted as in hand', async () => {
  cluster = await openCluster({ simulator: { agents: 3 } });
  factory = await cluster.openFactory({ 'mesos.offers.hold': '0' });
  await factory.create(aSpec());
  await expect.poll(async () => (await factory.status()).offersHeld).toBe(0);
});

test('offers in hand are counted', async () => {
  cluster = await openCluster({ simulator: { agents: 3 } });
  factory = await cluster.openFactory();
  await expect.poll(async () => (await factory.status()).offersHeld).toBe(3);
});
