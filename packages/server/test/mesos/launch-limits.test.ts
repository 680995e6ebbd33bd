import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { systemClock, type Clock } from '../../src/base/clock.ts';
import { ContainerStartError } from '../../src/containers/container-factory.ts';
import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { aSpec, openCluster, type Cluster, type FixtureOptions } from './mesos-fixture.ts';
import { ownPorts } from './own-ports.ts';

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
/** Of an agent: no other simulator deals them out. */
let ports: string;

beforeAll(async () => {
  const first = await ownPorts(5);
  ports = `ports:[${first}-${first + 4}]`;
});

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

/** The machine's clock: what is left of the time for a launch can be made less, and be over at once. */
function launchClock(limitMs: number) {
  let skewMs = 0;
  const limits: { readonly delayMs: number; readonly end: () => void }[] = [];
  const clock: Clock = {
    now: () => systemClock.now(),
    epochNs: () => systemClock.epochNs(),
    monotonicMs: () => systemClock.monotonicMs() + skewMs,
    after: (delayMs, run) => {
      const isLimit = delayMs > (limitMs - skewMs) / 2 && delayMs <= limitMs - skewMs;
      if (isLimit) limits.push({ delayMs, end: run });
      return systemClock.after(delayMs, run);
    },
    every: (periodMs, run) => systemClock.every(periodMs, run),
    sleep: (delayMs, signal) => systemClock.sleep(delayMs, signal),
  };
  return { clock, limits, skip: (ms: number) => (skewMs += ms) };
}

/** Those that Mesos runs now. */
const runningIds = () =>
  factory.connection.scheduler
    .tasks()
    .filter(({ state }) => state === 'TASK_RUNNING')
    .map(({ id }) => id);

describe('a container that does not start', () => {
  test('has one time limit for all of its launches', async () => {
    const { clock, limits, skip } = launchClock(100_000);
    const settings = { 'mesos.timeouts.taskLaunch': '100 s' };
    await open({ clock, shell: 'sleep 1000', settings });
    const told = toldBy(factory.create(aSpec()));
    await expect.poll(runningIds).toHaveLength(1);
    const [first = ''] = runningIds();
    expect(limits).toHaveLength(1);
    skip(60_000);
    // As an operator would: another launch may do.
    await factory.connection.scheduler.call({ type: 'KILL', kill: { task_id: { value: first } } });
    await expect.poll(runningIds).toEqual([expect.not.stringMatching(first)]);
    expect(limits).toHaveLength(2);
    limits[1]?.end();
    expect(await told).toBe('Its container did not take connections within 100 s.');
    await expect.poll(() => factory.connection.scheduler.tasks()).toEqual([]);
  });

  test('for want of room says what is lacking, after it has asked for room', async () => {
    const { clock, limits } = launchClock(100_000);
    await open({
      clock,
      simulator: { agents: [{ resources: `cpus:2;mem:512;${ports}` }] },
      settings: { 'mesos.timeouts.taskLaunch': '100 s' },
    });
    await factory.create(aSpec());
    const onNoRoom = vi.fn<() => void>(() => limits.at(-1)?.end());
    expect(await toldBy(factory.create(aSpec(), undefined, { onNoRoom }))).toMatch(
      /^The Mesos cluster has had no room for its container within 100 s\. Mesos's offers .*lacked memory \(\d+ of \d+\); the most that one agent has offered is .*\.$/,
    );
    expect(onNoRoom).toHaveBeenCalledTimes(1);
  });

  test('gets the room that others give up for it', async () => {
    await open({ simulator: { agents: [{ resources: `cpus:2;mem:512;${ports}` }] } });
    const first = await factory.create(aSpec());
    const second = await factory.create(aSpec(), undefined, { onNoRoom: () => void first.destroy() });
    expect(await first.died).toEqual({ outOfMemory: false });
    expect(factory.connection.scheduler.tasks().map(({ id }) => id)).toEqual([second.id]);
  });

  test('asks nobody for room where no agent is large enough', async () => {
    await open({ simulator: { agents: [{ resources: `cpus:2;mem:512;${ports}` }] } });
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
