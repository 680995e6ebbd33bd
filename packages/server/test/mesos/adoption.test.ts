import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { silentLogger } from '../../src/base/logger.ts';
import type { Container } from '../../src/containers/container.ts';
import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { aSpec, init, openCluster, post, type Cluster, type FixtureOptions } from './mesos-fixture.ts';

let cluster: Cluster;
const open: MesosContainerFactory[] = [];

/** Another life of the platform on the same data directory; the former one is closed. */
async function nextLife(settings: { readonly [path: string]: string } = {}, apiUrl?: string) {
  await open.at(-1)?.close();
  const factory = await cluster.openFactory(settings, apiUrl);
  open.push(factory);
  return factory;
}

async function firstLife(options: FixtureOptions = {}) {
  cluster = await openCluster(options);
  return nextLife();
}

afterEach(async () => {
  vi.restoreAllMocks();
  for (const factory of open.splice(0)) await factory.close();
  await cluster.close();
});

const memo = { key: 'guest/hello@1', action: 'guest/hello', capacity: 1 };

async function warm(factory: MesosContainerFactory): Promise<Container> {
  const container = await factory.create(aSpec());
  await container.remember?.(memo);
  await init(container, 'let count = 0; function main() { return { count: ++count } }');
  await post(container, '/run', {});
  return container;
}

const idsOf = (factory: MesosContainerFactory) => factory.connection.scheduler.tasks().map(({ id }) => id);
const recoveredIds = async (factory: MesosContainerFactory) =>
  (await factory.recover()).map(({ container }) => container.id);

describe('a container of an earlier life', () => {
  test('is not used on when its logs cannot be read, and nobody waits for its end then', async () => {
    const used = await warm(await firstLife());
    const factory = await nextLife();
    vi.spyOn(factory.connection.http, 'ask').mockRejectedValue(new Error('the agent refuses'));
    expect(await recoveredIds(factory)).toEqual([]);
    const [record] = factory.connection.scheduler.tasks();
    expect(record).toMatchObject({ id: used.id, state: 'TASK_RUNNING' });
    expect(record?.unwanted).not.toBe(true);
    expect(await factory.removeLeftovers()).toBe(1);
    await expect.poll(() => idsOf(factory)).toEqual([]);
  });

  test('is used on, though what others had become cannot be removed from the disk', async () => {
    const used = await warm(await firstLife());
    await mkdir(join(cluster.directory, 'mesos', 'containers', 'memos.jsonl.new'));
    const factory = await nextLife();
    expect(await recoveredIds(factory)).toEqual([used.id]);
  });

  test('is not used on when its agent is cut off after it has answered', async () => {
    const files = { asked: `/tmp/vbm-asked-${process.pid}`, go: `/tmp/vbm-go-${process.pid}` };
    try {
      const former = await firstLife({
        simulator: { agents: 1, agentPingTimeoutMs: 300, maxAgentPingTimeouts: 2 },
        launcher: `
          import { createHmac } from 'node:crypto';
          import { createServer } from 'node:http';
          import { existsSync, writeFileSync } from 'node:fs';
          createServer((request, reply) => {
            if (request.url === '/prove') {
              const text = 'vibrissa-prove:' + request.headers['x-vibrissa-nonce'];
              const proof = createHmac('sha256', process.env.__OW_TOKEN).update(text).digest('base64url');
              return reply.end(JSON.stringify({ proof }));
            }
            writeFileSync('${files.asked}', '');
            const answer = () => existsSync('${files.go}') && reply.end('{"initialised":false,"running":0}');
            setInterval(answer, 5);
          }).listen(Number(process.env.PORT0));`,
      });
      const { id } = await former.create(aSpec());
      const factory = await nextLife();
      const recovering = factory.recover();
      await expect.poll(() => existsSync(files.asked)).toBe(true);
      cluster.simulator.control.partitionAgent(1);
      await expect
        .poll(() => factory.connection.scheduler.tasks().find((task) => task.id === id)?.state)
        .toBe('TASK_UNREACHABLE');
      writeFileSync(files.go, '');
      expect(await recovering).toEqual([]);
    } finally {
      await Promise.all(Object.values(files).map((file) => rm(file, { force: true })));
    }
  });

  test.each([
    ['may do less', { 'mesos.command.allowUnconfined': 'true' }, {}],
    ['runs elsewhere', {}, { 'mesos.constraints': 'rack UNLIKE r1' }],
    ['takes more memory', {}, { 'mesos.command.overhead': '64 MB' }],
  ])('is replaced when by the settings a new one %s', async (_what, before, after) => {
    cluster = await openCluster();
    const former = await nextLife(before);
    const used = await warm(former);
    expect(await recoveredIds(await nextLife(before))).toEqual([used.id]);
    const factory = await nextLife(after);
    expect(await recoveredIds(factory)).toEqual([]);
    expect(await factory.removeLeftovers()).toBe(1);
  });

  test('is replaced when it was told another address of the API', async () => {
    const used = await warm(await firstLife());
    expect(await recoveredIds(await nextLife())).toEqual([used.id]);
    expect(await recoveredIds(await nextLife({}, 'http://127.0.0.1:4000'))).toEqual([]);
  });
});

describe('a factory', () => {
  test('that cannot be opened lets the framework go', async () => {
    cluster = await openCluster();
    const key = join(cluster.directory, 'mesos', 'token.key');
    await mkdir(key, { recursive: true });
    await expect(nextLife()).rejects.toMatchObject({ code: 'EISDIR' });
    await rm(key, { recursive: true });
    expect((await nextLife()).connection.scheduler.isSubscribed).toBe(true);
  });

  test('does not count what is to end among what it leaves', async () => {
    const factory = await firstLife();
    const [kept, condemned] = await Promise.all([factory.create(aSpec()), factory.create(aSpec())]);
    cluster.simulator.control.partitionAgent(1);
    void condemned.destroy();
    await expect
      .poll(() => factory.connection.scheduler.tasks().filter(({ unwanted }) => unwanted).length)
      .toBe(1);
    await factory.close();
    expect(factory.left?.tasks).toBe(1);
    expect(idsOf(factory)).toContain(kept.id);
  });

  test('says that it is torn down, though what containers had become cannot be removed', async () => {
    const errors: string[] = [];
    const logger = { ...silentLogger, error: (_fields: object, text: string) => void errors.push(text) };
    cluster = await openCluster({ logger });
    const factory = await nextLife({ 'mesos.teardownOnExit': 'true' });
    await mkdir(join(cluster.directory, 'mesos', 'containers', 'memos.jsonl.new'));
    await factory.close();
    expect(factory.left).toBeUndefined();
    expect(errors).toEqual([]);
  });
});
