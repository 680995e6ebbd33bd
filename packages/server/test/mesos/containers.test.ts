import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { aSpec, init, listen, openCluster, post, type Cluster } from './mesos-fixture.ts';

let cluster: Cluster;
let factory: MesosContainerFactory;

beforeEach(async () => {
  cluster = await openCluster();
  factory = await cluster.openFactory();
});

afterEach(async () => {
  await factory.close();
  await cluster.close();
});

const states = () => factory.connection.scheduler.tasks().map(({ state }) => state);

describe('a container that is a Mesos task', () => {
  test('is created, initialised, run and destroyed, again and again (#84)', async () => {
    for (let round = 0; round < 5; round++) {
      const container = await factory.create(aSpec());
      expect((await init(container, 'function main({ n }) { return { n: n + 1 } }')).status).toBe(200);
      expect(await post(container, '/run', { n: round })).toEqual({
        status: 200,
        body: `{"n":${round + 1}}`,
      });
      await container.destroy();
      expect((await container.died).outOfMemory).toBe(false);
      expect(states()).toEqual([]);
    }
  });

  test('answers nobody who does not show its token', async () => {
    const container = await factory.create(aSpec());
    const { address } = container;
    expect(address).toHaveProperty('token');
    const stranger = { ...container, address: { ...address, token: 'guessed' } };
    expect((await post(stranger, '/init', { code: 'function main() {}' })).status).toBe(403);
  });

  test('gives its logs up to the end mark, and each activation in turn its own (#87)', async () => {
    const container = await factory.create(aSpec());
    const texts = listen(container);
    await init(
      container,
      'function main({ n }) { console.log("out", n); console.error("err", n); return {} }',
    );
    for (let n = 1; n <= 3; n++) {
      await post(container, '/run', { n });
      await container.logs.catchUp?.();
      expect(texts.stdout).toMatch(new RegExp(`out ${n}\\n[^\\n]*mark[^\\n]*\\n$`));
      expect(texts.stderr).toContain(`err ${n}\n`);
    }
    expect(texts.stdout).not.toContain('err');
    expect(container.logs.stamped).toBe(true);
    expect(texts.stdout).toMatch(/\u001e\d{19} out 1\n/);
  });

  test('runs when it was found healthy, where that is checked', async () => {
    await factory.close();
    factory = await cluster.openFactory({
      'mesos.healthCheck.enabled': 'true',
      'mesos.healthCheck.interval': '100 ms',
    });
    const container = await factory.create(aSpec());
    const [record] = factory.connection.scheduler.tasks();
    expect(record?.status?.healthy).toBe(true);
    await container.destroy();
  });
});
