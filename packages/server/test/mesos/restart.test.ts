import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Container } from '../../src/containers/container.ts';
import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { aSpec, init, listen, openCluster, post, type Cluster } from './mesos-fixture.ts';

let cluster: Cluster;
const open: MesosContainerFactory[] = [];

/** Another life of the platform on the same data directory. */
async function openLife(settings: { readonly [path: string]: string } = {}): Promise<MesosContainerFactory> {
  const factory = await cluster.openFactory(settings);
  open.push(factory);
  return factory;
}

beforeEach(async () => {
  cluster = await openCluster();
});

afterEach(async () => {
  for (const factory of open.splice(0)) await factory.close();
  await cluster.close();
});

const memo = { key: 'guest/hello@1', action: 'guest/hello', capacity: 1 };
const code = 'let count = 0; function main() { console.log("run", ++count); return { count } }';

async function warm(factory: MesosContainerFactory): Promise<Container> {
  const container = await factory.create(aSpec());
  await container.remember?.(memo);
  await init(container, code);
  await post(container, '/run', {});
  return container;
}

/** Tasks of all frameworks that Mesos runs now. */
async function running(): Promise<string[]> {
  const reply = await fetch(`${cluster.simulator.url}/tasks?limit=1000`);
  const { tasks } = (await reply.json()) as { tasks: { id: string; state: string }[] };
  return tasks.filter(({ state }) => state === 'TASK_RUNNING').map(({ id }) => id);
}

describe('a platform that starts again', () => {
  test('goes on with the containers that are proven idle, and ends all others (#86)', async () => {
    const former = await openLife();
    const { frameworkId } = former.connection.scheduler;
    const used = await warm(former);
    const stemCell = await former.create(aSpec({ name: 'wsk0_7_prewarm_nodejs20', memoryMb: 128 }));
    const busy = await former.create(aSpec());
    await busy.remember?.(memo);
    await init(busy, 'function main() { return new Promise(() => {}) }');
    const lost = post(busy, '/run', {}).catch(() => 'lost');
    const forgotten = await former.create(aSpec());
    await init(forgotten, code);
    // The request has come before the question.
    await post(used, '/run', {});
    await former.close();
    expect((await running()).toSorted()).toEqual(
      [used, stemCell, busy, forgotten].map(({ id }) => id).toSorted(),
    );

    const factory = await openLife();
    expect(factory.connection.scheduler.frameworkId).toBe(frameworkId);
    const recovered = await factory.recover();
    expect(recovered.map(({ container, memo: what }) => [container.id, what?.action])).toEqual(
      expect.arrayContaining([
        [used.id, 'guest/hello'],
        [stemCell.id, undefined],
      ]),
    );
    expect(recovered).toHaveLength(2);
    expect(factory.recovered).toEqual({ warm: 1, prewarmed: 1 });
    const cell = recovered.find(({ container }) => container.id === stemCell.id);
    expect(cell?.spec).toMatchObject({ name: 'wsk0_7_prewarm_nodejs20', kind: 'nodejs:20', memoryMb: 128 });
    expect(await factory.removeLeftovers()).toBe(2);
    expect(await lost).toBe('lost');
    await expect.poll(async () => (await running()).toSorted()).toEqual([used.id, stemCell.id].toSorted());

    const again = recovered.find(({ container }) => container.id === used.id);
    if (!again) throw new Error('it was not recovered');
    const texts = listen(again.container);
    expect((await post(again.container, '/run', {})).body).toBe('{"count":3}');
    await again.container.logs.catchUp?.();
    expect(texts.stdout).toMatch(/run 3/);
    expect(texts.stdout).not.toMatch(/run [12]/);
  });

  test('goes on without its master, and its containers serve (#86)', async () => {
    const used = await warm(await openLife());
    await open.shift()?.close();
    await cluster.simulator.control.killMaster(1);
    const offline = await cluster.openOffline();
    open.push(offline);
    const [recovered] = await offline.recover();
    expect(recovered?.container.id).toBe(used.id);
    expect((await post(recovered!.container, '/run', {})).body).toBe('{"count":2}');
  });

  test('kills what Mesos runs under its id and it does not know', async () => {
    const former = await openLife();
    await former.create(aSpec());
    await former.close();
    await cluster.forgetTasks();
    const factory = await openLife();
    expect(await factory.recover()).toEqual([]);
    await factory.removeLeftovers();
    await expect.poll(running).toEqual([]);
  });

  test('forgets what containers have become when they are gone', async () => {
    const factory = await openLife();
    const used = await warm(factory);
    const file = join(cluster.directory, 'mesos', 'containers', 'memos.jsonl');
    expect(await readFile(file, 'utf8')).toContain(used.id);
    await used.destroy();
    await factory.close();
    const later = await openLife();
    expect(await later.recover()).toEqual([]);
    expect(await readFile(file, 'utf8')).not.toContain(used.id);
  });
});

describe('a platform that stops', () => {
  test('leaves framework and containers by default, and says so (#89)', async () => {
    const factory = await openLife();
    const container = await factory.create(aSpec());
    await factory.close();
    expect(factory.left).toMatchObject({ frameworkId: factory.connection.scheduler.frameworkId, tasks: 1 });
    expect(await running()).toEqual([container.id]);
  });

  test('removes framework and containers where the settings say so (#89)', async () => {
    const factory = await openLife({ 'mesos.teardownOnExit': 'true' });
    const { frameworkId } = factory.connection.scheduler;
    const container = await factory.create(aSpec());
    await factory.close();
    expect(factory.left).toBeUndefined();
    expect((await container.died).lost).toMatch(/torn down|closed/);
    await expect.poll(running).toEqual([]);
    const next = await openLife();
    expect(next.connection.scheduler.frameworkId).not.toBe(frameworkId);
  });
});
