import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { ContainerStartError } from '../../src/containers/container-factory.ts';
import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { aSpec, openCluster, type Cluster, type FixtureOptions } from './mesos-fixture.ts';

/** Proves to each connection that it is the container, and does nothing else. */
const listener = `exec perl -MIO::Socket::INET -MDigest::SHA=hmac_sha256_base64 -e '
  $s = IO::Socket::INET->new(LocalPort => $ENV{PORT0}, Listen => 5, ReuseAddr => 1) or die;
  while ($c = $s->accept) {
    while (($line = <$c>) =~ /[^\\r\\n]/) { $nonce = $1 if $line =~ /^X-Vibrissa-Nonce: (\\S+)/ }
    ($proof = hmac_sha256_base64("vibrissa-prove:$nonce", $ENV{__OW_TOKEN})) =~ tr|+/|-_|;
    $body = qq({"proof":"$proof"});
    print $c "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body";
  }'`;

let cluster: Cluster;
let factory: MesosContainerFactory;

async function open(options: FixtureOptions): Promise<void> {
  cluster = await openCluster({ shell: listener, ...options });
  factory = await cluster.openFactory();
}

afterEach(async () => {
  vi.restoreAllMocks();
  await factory.close();
  await cluster.close();
});

async function toldBy(create: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await create.catch((reason: unknown) => reason);
  if (!(error instanceof ContainerStartError)) throw new Error(`no start error: ${String(error)}`);
  return error.told;
}

/** Kills each task of ours a while after it was seen, as an operator would. */
async function killAllAfter(delayMs: number, until: AbortSignal): Promise<void> {
  const { scheduler } = factory.connection;
  const seen = new Set<string>();
  while (!until.aborted) {
    const found = scheduler.tasks().find(({ id, state }) => state === 'TASK_RUNNING' && !seen.has(id));
    await sleep(found ? delayMs : 5);
    if (!found) continue;
    seen.add(found.id);
    await scheduler.call({ type: 'KILL', kill: { task_id: { value: found.id } } });
  }
}

describe('a container that does not start', () => {
  test('has one time limit for all of its launches', async () => {
    await open({ shell: 'sleep 1000', settings: { 'mesos.timeouts.taskLaunch': '1500 ms' } });
    const over = new AbortController();
    const killing = killAllAfter(600, over.signal);
    expect(await toldBy(factory.create(aSpec()))).toBe(
      'Its container did not take connections within 1.5 s.',
    );
    over.abort();
    await killing;
    await expect.poll(() => factory.connection.scheduler.tasks()).toEqual([]);
  });

  test('for want of room says what is lacking, after it has asked for room', async () => {
    await open({
      simulator: { agents: [{ resources: 'cpus:2;mem:512;ports:[29100-29110]' }] },
      settings: { 'mesos.timeouts.taskLaunch': '2500 ms' },
    });
    await factory.create(aSpec());
    const onNoRoom = vi.fn<() => void>();
    expect(await toldBy(factory.create(aSpec(), undefined, { onNoRoom }))).toMatch(
      /^The Mesos cluster has had no room for its container within 2\.5 s\. Mesos's offers .*lacked memory \(\d+ of \d+\); the most that one agent has offered is .*\.$/,
    );
    expect(onNoRoom).toHaveBeenCalledTimes(1);
  });

  test('gets the room that others give up for it', async () => {
    await open({ simulator: { agents: [{ resources: 'cpus:2;mem:512;ports:[29100-29110]' }] } });
    const first = await factory.create(aSpec());
    const second = await factory.create(aSpec(), undefined, { onNoRoom: () => void first.destroy() });
    expect(await first.died).toEqual({ outOfMemory: false });
    expect(factory.connection.scheduler.tasks().map(({ id }) => id)).toEqual([second.id]);
  });

  test('asks nobody for room where no agent is large enough', async () => {
    await open({ simulator: { agents: [{ resources: 'cpus:2;mem:512;ports:[29100-29110]' }] } });
    const onNoRoom = vi.fn<() => void>();
    const told = await toldBy(factory.create(aSpec({ memoryMb: 1024 }), undefined, { onNoRoom }));
    expect(told).toMatch(/^No agent of the Mesos cluster can run its container: it needs 0\.016 cpus/);
    expect(onNoRoom).not.toHaveBeenCalled();
  });
});

test('a container is given up, with nothing left, while its agent does not say how long its files are', async () => {
  await open({});
  const asked = vi.spyOn(factory.connection.http, 'ask').mockReturnValue(new Promise(() => {}));
  const giveUp = new AbortController();
  const created = factory.create(aSpec(), giveUp.signal);
  await expect.poll(() => asked.mock.calls.length).toBeGreaterThan(0);
  giveUp.abort(new Error('nobody wants it any more'));
  await expect(created).rejects.toThrow('nobody wants it any more');
  expect(factory.connection.scheduler.tasks()).toEqual([]);
});
