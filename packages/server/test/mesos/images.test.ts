import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { rm } from 'node:fs/promises';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { ContainerStartError } from '../../src/containers/container-factory.ts';
import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { makeImageRoot } from './image-root.ts';
import { aSpec, init, KIND, listen, openCluster, post, type Cluster } from './mesos-fixture.ts';

const OURS = 'vibrissa/action-nodejs-v20';
const FOREIGN = 'somebody/runtime:1';

let root: string;
let cluster: Cluster | undefined;
let factory: MesosContainerFactory | undefined;

beforeAll(async () => {
  root = await makeImageRoot();
});

afterEach(async () => {
  await factory?.close();
  await cluster?.close();
  factory = undefined;
  cluster = undefined;
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function runOn(opened: MesosContainerFactory, spec = aSpec()) {
  const container = await opened.create(spec);
  const texts = listen(container);
  await init(container, 'function main({ n }) { console.log("got", n); return { n } }');
  expect(await post(container, '/run', { n: 1 })).toEqual({ status: 200, body: '{"n":1}' });
  // Docker's engine hands them on in its own time.
  await expect
    .poll(async () => {
      await container.logs.catchUp?.();
      return texts.stdout;
    })
    .toMatch(/got 1\n/);
  return container;
}

describe('a container in an image under the Mesos containerizer (needs bwrap)', () => {
  const images = () => ({ [OURS]: root, [FOREIGN]: root });

  test('runs a managed kind in its image, on the port of the agent that is its own', async () => {
    cluster = await openCluster({ simulator: { images: images() } });
    factory = await cluster.openFactory({ 'mesos.task': 'ucr' });
    const container = await runOn(factory);
    expect(container.logs.stamped).toBe(true);
    expect(factory.hasPlainSentinels({ kind: KIND })).toBe(false);
    await container.destroy();
    expect(factory.connection.scheduler.tasks()).toEqual([]);
  });

  test("runs users' images where their constraints say, and managed kinds where theirs say (#88)", async () => {
    cluster = await openCluster({
      simulator: {
        images: images(),
        agents: [
          { attributes: 'rack:inside' },
          { attributes: 'rack:outside' },
          { attributes: 'rack:inside' },
        ],
      },
    });
    factory = await cluster.openFactory({
      'mesos.blackboxTask': 'ucr',
      'mesos.network': 'host',
      'mesos.constraints': 'rack UNLIKE out.*',
      'mesos.blackboxConstraints': 'rack LIKE out.*',
    });
    const blackbox = aSpec({ kind: 'blackbox', image: FOREIGN });
    const managed = await Promise.all([1, 2, 3].map(() => factory!.create(aSpec())));
    const users = [await runOn(factory, blackbox), await factory.create(blackbox)];
    const racks = new Map(
      cluster.simulator.control.status().agents.map(({ agentId }, index) => [agentId, index]),
    );
    const at = (id: string) =>
      racks.get(
        factory!.connection.scheduler.tasks().find((task) => task.id === id)?.placement?.agentId ?? '',
      );
    for (const { id } of users) expect(at(id)).toBe(1);
    for (const { id } of managed) expect(at(id)).not.toBe(1);
    expect(factory.hasPlainSentinels(blackbox)).toBe(true);
    expect(users[0]?.logs.stamped).toBe(false);
    expect(users[0]?.remember).toBeUndefined();
  });

  test("of somebody else's can't prove that it is idle, and is not used on", async () => {
    cluster = await openCluster({ simulator: { images: images() } });
    const settings = { 'mesos.blackboxTask': 'ucr', 'mesos.network': 'host' };
    const former = await cluster.openFactory(settings);
    await former.create(aSpec({ kind: 'blackbox', image: FOREIGN }));
    await former.close();
    factory = await cluster.openFactory(settings);
    expect(await factory.recover()).toEqual([]);
    expect(await factory.removeLeftovers()).toBe(1);
  });
});

const socketPath = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');

/** A call of the Engine. */
function engine(method: string, path: string, body?: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.once('error', reject);
    call.end(body);
  });
}

const hasEngine = await engine('GET', '/_ping').then(
  ({ status }) => status === 200,
  () => false,
);

/** CI's engine has no bridge. */
const hasBridge = hasEngine && (await engine('GET', '/networks/bridge')).status === 200;
const networks = hasBridge ? ['host', 'bridge'] : ['host'];

describe.skipIf(!hasEngine)('a container that Docker runs (needs a Docker Engine)', () => {
  beforeAll(async () => {
    const archive = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 1 << 30 });
    const change = encodeURIComponent('ENTRYPOINT ["/entrypoint"]');
    const made = await engine(
      'POST',
      `/images/create?fromSrc=-&repo=${OURS}&tag=latest&changes=${change}`,
      archive,
    );
    if (made.status !== 200) throw new Error(made.text);
  });

  afterAll(async () => {
    await engine('DELETE', `/images/${OURS}?force=true`);
  });

  const open = async (settings: { readonly [path: string]: string }) => {
    cluster = await openCluster({ simulator: { dockerSocket: socketPath } });
    factory = await cluster.openFactory({ 'mesos.task': 'docker', ...settings });
    return factory;
  };

  test.each(networks)(
    'runs in network %s, at the port of its agent that is its own or leads to it',
    async (network) => {
      const container = await runOn(await open({ 'mesos.network': network }));
      expect(container.address).toMatchObject({ host: '127.0.0.1' });
      expect(container.address).not.toMatchObject({ port: 8080 });
      await container.destroy();
      expect((await container.died).outOfMemory).toBe(false);
    },
  );

  test('is found again by the next life of the platform', async () => {
    const former = await open({ 'mesos.network': 'host' });
    const container = await runOn(former);
    await container.remember?.({ key: 'k', action: 'guest/hello', capacity: 1 });
    await former.close();
    factory = await cluster!.openFactory({ 'mesos.task': 'docker', 'mesos.network': 'host' });
    const [recovered] = await factory.recover();
    expect(recovered?.container.id).toBe(container.id);
    expect((await post(recovered!.container, '/run', { n: 2 })).body).toBe('{"n":2}');
    await recovered?.container.destroy();
  });

  test('cannot be, when its image cannot be pulled or its network does not exist', async () => {
    const opened = await open({ 'mesos.network': 'nowhere' });
    const failed = async (spec: ReturnType<typeof aSpec>) => {
      const error: unknown = await opened.create(spec).catch((reason: unknown) => reason);
      if (!(error instanceof ContainerStartError)) throw new Error(String(error));
      return error;
    };
    const image = 'localhost:1/no/such:image';
    const unpulled = await failed(aSpec({ kind: 'blackbox', image }));
    expect(unpulled.fault).toBe('developer');
    expect(unpulled.message).toMatch(
      /^Failed to pull container image 'localhost:1\/no\/such:image'\. Mesos says: /,
    );
    const { fault, told } = await failed(aSpec());
    expect(fault).toBe('platform');
    expect(told).toMatch(/network nowhere not found/);
  });
});
