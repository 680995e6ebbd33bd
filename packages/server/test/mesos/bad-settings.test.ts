import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { ContainerStartError } from '../../src/containers/container-factory.ts';
import { cleanUp, runVibrissa, startPlatform, temporaryDirectory } from '../platform/platform-process.ts';
import { aSpec, openCluster, type Cluster, type FixtureOptions } from './mesos-fixture.ts';

let cluster: Cluster | undefined;
let closeFactory: (() => Promise<void>) | undefined;

async function open(options: FixtureOptions = {}) {
  cluster = await openCluster(options);
  const factory = await cluster.openFactory();
  closeFactory = () => factory.close();
  return factory;
}

afterEach(async () => {
  await closeFactory?.();
  await cluster?.close();
  cluster = undefined;
  closeFactory = undefined;
});

async function failureOf(create: Promise<unknown>): Promise<ContainerStartError> {
  const error: unknown = await create.catch((reason: unknown) => reason);
  if (!(error instanceof ContainerStartError)) throw new Error(`no start error: ${String(error)}`);
  return error;
}

/** These are told long before the time limit of a launch, which is longer than that of a test. */
describe('an activation is told within seconds', () => {
  test('that it asks for more memory than any agent has', async () => {
    const factory = await open({
      simulator: { agents: [{ resources: 'cpus:2;mem:1024;ports:[29000-29010]' }] },
    });
    const { fault, told } = await failureOf(factory.create(aSpec({ memoryMb: 4096 })));
    expect(fault).toBe('platform');
    expect(told).toBe(
      'No agent of the Mesos cluster can run its container: it needs 0.016 cpus and 4144 MB, and the only agent that may take it has 2 cpus and 1024 MB.',
    );
  });

  test('the same shortly after a change of master, when agents may still be on their way back', async () => {
    const factory = await open({
      simulator: { agents: [{ resources: 'cpus:2;mem:1024;ports:[29000-29010]' }] },
    });
    await factory.connection.agents();
    await cluster!.simulator.control.restartMaster(1);
    await expect.poll(() => factory.connection.state.subscribed).toBe(false);
    await expect.poll(() => factory.connection.state.subscribed).toBe(true);
    const { told } = await failureOf(factory.create(aSpec({ memoryMb: 4096 })));
    expect(told).toMatch(
      /^No agent of the Mesos cluster can run its container: it needs 0\.016 cpus and 4144 MB/,
    );
  }, 40_000);

  test('that no agent satisfies the constraints', async () => {
    const factory = await open({
      simulator: { agents: [{ attributes: 'rack:r1' }, { attributes: 'rack:r2' }] },
      settings: { 'mesos.constraints': 'rack LIKE r[89]' },
    });
    const { told } = await failureOf(factory.create(aSpec()));
    expect(told).toBe(
      'No agent of the Mesos cluster can run its container: no agent satisfies rack LIKE r[89] (agents have rack r1, r2).',
    );
  });

  test('what the launcher on the agent has said', async () => {
    const factory = await open({
      launcher: "console.error('bubblewrap is not installed on this agent'); process.exit(78);",
    });
    const { fault, told } = await failureOf(factory.create(aSpec()));
    expect(fault).toBe('platform');
    expect(told).toMatch(
      /^Its container could not be started on [\w.-]+: bubblewrap is not installed on this agent \(Mesos: Command exited with status 78\)\.$/,
    );
  });

  test('that the runtimes are not where the agents are told to find them', async () => {
    const factory = await open({ settings: { 'mesos.command.runtimePath': '/nonexistent' } });
    const { told } = await failureOf(factory.create(aSpec()));
    expect(told).toMatch(
      /could not be started on [\w.-]+: Error: Cannot find module '\/nonexistent\/launch.mjs' \(Mesos: Command exited with status 1\)\.$/,
    );
    const { failedStarts } = await factory.status();
    expect(failedStarts).toMatchObject([{ kind: 'nodejs:20', memoryMb: 256, reason: told, times: 1 }]);
    await failureOf(factory.create(aSpec()));
    expect((await factory.status()).failedStarts).toMatchObject([{ agent: expect.any(String), times: 2 }]);
  });

  test('that the agents do not have its Node, or its user', async () => {
    const factory = await open({ settings: { 'mesos.command.node': '/opt/nonode' } });
    expect((await failureOf(factory.create(aSpec()))).told).toMatch(/\/opt\/nonode: not found/);
    await factory.close();
    const other = await cluster!.openFactory({ 'mesos.user': 'nosuchuser' });
    closeFactory = () => other.close();
    const { fault, told } = await failureOf(other.create(aSpec()));
    expect(fault).toBe('platform');
    expect(told).toMatch(/^Its container could not be started on .*No such user 'nosuchuser'/);
    expect((await other.status()).failedStarts).toMatchObject([{ reason: told, times: 1 }]);
  });

  test('that its image names no network that there is', async () => {
    const factory = await open({
      simulator: { images: { 'busybox:1': '/' } },
      settings: { 'mesos.blackboxTask': 'ucr', 'mesos.network': 'calico' },
    });
    const { fault, told } = await failureOf(factory.create(aSpec({ kind: 'blackbox', image: 'busybox:1' })));
    expect(fault).toBe('platform');
    expect(told).toMatch(/could not be started.*Unknown CNI network 'calico'/);
  });

  test('that its image cannot be pulled, in the words of OpenWhisk and of Mesos', async () => {
    const factory = await open({ settings: { 'mesos.blackboxTask': 'ucr', 'mesos.network': 'host' } });
    const { fault, message } = await failureOf(
      factory.create(aSpec({ kind: 'blackbox', image: 'no/such:1' })),
    );
    expect(fault).toBe('developer');
    expect(message).toMatch(/^Failed to pull container image 'no\/such:1'\. Mesos says: .*no\/such/);
  });

  test('that users may bring no images here', async () => {
    const factory = await open({ settings: { 'mesos.blackboxTask': 'none' } });
    const support = factory.supports('blackbox', 'somebody/image');
    expect(support).toEqual({ ok: false, reason: expect.stringContaining("The image 'somebody/image'") });
  });
});

describe('the platform does not start', () => {
  let simulator: MesosSimulator;

  beforeAll(async () => {
    simulator = await MesosSimulator.open({
      agents: [{ resources: 'cpus:2;mem:1024;ports:[28000-28100]', attributes: 'rack:r1' }],
      roles: ['web'],
      credentials: { app: 'secret' },
    });
  });

  afterAll(async () => {
    await cleanUp();
    await simulator.stop();
  });

  /** Where nobody will answer: a master that is there may take its time. */
  const impatient = { 'mesos.timeouts.subscribe': '3 s' };

  function argumentsOf(settings: { readonly [path: string]: string }): string[] {
    const all = {
      'containers.factory': 'mesos',
      'mesos.masterUrl': simulator.url,
      ...settings,
    };
    return Object.entries(all).flatMap(([path, value]) => ['--set', `${path}=${value}`]);
  }

  async function start(settings: { readonly [path: string]: string }): Promise<string> {
    const dataDir = temporaryDirectory();
    const { code, stderr } = await runVibrissa([
      'start',
      '--port',
      '0',
      '--data-dir',
      dataDir,
      ...argumentsOf(settings),
    ]);
    expect(code).toBe(1);
    return stderr
      .split('\n')
      .filter((line) => !line.startsWith('{'))
      .join('\n');
  }

  test('with credentials that the master does not know, or without any', async () => {
    expect(await start({})).toMatch(
      /Mesos refuses the framework's credentials: .*\n {2}mend: .*mesos\.secretFile/,
    );
  });

  test('where nobody is the master, and it was never a framework', async () => {
    const said = await start({ 'mesos.masterUrl': 'http://127.0.0.1:9', ...impatient });
    expect(said).toMatch(/No Mesos master at http:\/\/127\.0\.0\.1:9 took the framework within 3 s/);
    expect(said).toMatch(/mend: Name the masters \(--mesos-master/);
  });

  test('where ZooKeeper names no master, because nothing listens there', async () => {
    const said = await start({ 'mesos.masterUrl': 'zk://127.0.0.1:9/mesos', ...impatient });
    expect(said).toMatch(/took the framework within 3 s: ZooKeeper has named no leading master: none of its/);
  });

  test('with masters whose address is of no kind that there is', async () => {
    const said = await start({ 'mesos.masterUrl': 'ftp://127.0.0.1:5050' });
    expect(said).toMatch(/'ftp:.*\n {2}mend: Write --mesos-master http:\/\/HOST:5050, zk:/);
  });

  test('with a file for the CA that has no certificate in it', async () => {
    const caFile = join(temporaryDirectory(), 'ca.pem');
    writeFileSync(caFile, 'garbage\n');
    expect(await start({ 'mesos.caFile': caFile })).toMatch(
      /of mesos\.caFile has no certificate: .*\n {2}mend: .*--set mesos\.caFile=FILE/,
    );
  });

  test('with constraints that cannot be understood', async () => {
    const said = await start({ 'mesos.constraints': 'rack LIKE' });
    expect(said).toMatch(/mesos\.constraints can't be understood: "rack LIKE" has 2 parts instead of three/);
  });

  test('when actions would be unconfined and strangers may invoke them', async () => {
    const said = await start({ 'mesos.command.allowUnconfined': 'true', 'http.host': '0.0.0.0' });
    expect(said).toMatch(/allowUnconfined lets actions run without any isolation/);
  });
});

describe('the platform', () => {
  test('starts with credentials and a role that the master takes only, and warns of what no agent can run', async () => {
    const secretFile = join(temporaryDirectory(), 'secret');
    writeFileSync(secretFile, 'secret\n');
    const simulator = await MesosSimulator.open({
      agents: [{ resources: 'cpus:2;mem:200;ports:[27000-27100]', attributes: 'rack:r1' }],
      roles: ['web'],
      credentials: { app: 'secret' },
    });
    const settings = [
      '--set',
      'mesos.principal=app',
      '--set',
      `mesos.secretFile=${secretFile}`,
      '--set',
      'containers.factory=mesos',
      '--set',
      `mesos.masterUrl=${simulator.url}`,
      '--set',
      'mesos.blackboxConstraints=rack LIKE r9',
    ];
    try {
      const dataDir = temporaryDirectory();
      const refused = await runVibrissa([
        'start',
        '--port',
        '0',
        '--data-dir',
        dataDir,
        ...settings,
        '--set',
        'mesos.role=db',
      ]);
      expect(refused.stderr).toMatch(
        /Mesos refuses the framework \(role db\): .*\n {2}mend: .*mesos\.role=ROLE/,
      );
      const platform = await startPlatform({ args: [...settings, '--set', 'mesos.role=web'] });
      expect(platform.stdout).toMatch(
        /No Mesos agent can run containers of managed kinds: it needs 0\.01 cpus and 304 MB, and the only agent that may take it has 2 cpus and 200 MB/,
      );
      expect(platform.stdout).toMatch(
        /users' images \(constraints: rack LIKE r9\): no agent satisfies rack LIKE r9/,
      );
      expect(platform.stdout).toMatch(/but the Mesos agents have 200 MB for the role web/);
      expect((await platform.stop()).code).toBe(0);
      expect(platform.stdout).toMatch(/Mesos keeps the framework [\w-]+ with no tasks/);
    } finally {
      await cleanUp();
      await simulator.stop();
    }
  });
});
