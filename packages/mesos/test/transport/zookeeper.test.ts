import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NoMasters } from '../../src/transport/detectors/detector-error.ts';
import { parseMasters, type DetectorOptions } from '../../src/transport/detectors/parse-masters.ts';
import { ZooKeeperMasters } from '../../src/transport/detectors/zookeeper-masters.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { MasterDetector } from '../../src/transport/transport.ts';
import { Contender, hasZooKeeper, Wire, ZooKeeperServer } from './zookeeper-server.ts';

/** The znode of a master as Mesos 1.12 writes it. */
function masterInfo(ip: string, port = 5050) {
  const hostname = `host-${ip.replaceAll('.', '-')}.example`;
  return {
    address: { hostname, ip, port },
    capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
    hostname,
    id: 'ce6714d5-72a4-46e3-af02-3a7e4dd98dc2',
    ip: 67_108_991,
    pid: `master@${ip}:${port}`,
    port,
    version: '1.12.0',
  };
}

describe.skipIf(!hasZooKeeper)("masters in ZooKeeper (needs Debian's package zookeeper)", () => {
  let server: ZooKeeperServer;
  const opened: { close(): Promise<void> }[] = [];
  const never = new AbortController().signal;
  let group = '';
  let groups = 0;

  beforeAll(async () => {
    server = await ZooKeeperServer.open();
  });
  afterAll(() => server.close());
  afterEach(async () => {
    for (const each of opened.splice(0).toReversed()) await each.close();
  });

  function keep<T extends { close(): Promise<void> }>(each: T): T {
    opened.push(each);
    return each;
  }

  async function contender(): Promise<Contender> {
    return keep(await Contender.open(server.address, group));
  }

  async function aGroup(): Promise<Contender> {
    group = `/mesos-${groups++}`;
    const first = await contender();
    await first.makeGroup();
    return first;
  }

  function detector(address = server.address, options: DetectorOptions = {}): MasterDetector {
    return keep(parseMasters(`zk://${address}${group}`, { timeoutMs: 25_000, ...options }));
  }

  /** Why a detection has come to nothing, once there was a connection: on a busy machine that may take longer. */
  async function whyNot(masters: MasterDetector): Promise<string> {
    for (;;) {
      const failure = String(await masters.detect(never).catch((error: unknown) => error));
      if (!failure.includes('there was no connection')) return failure;
    }
  }

  /** Resolves with the ids of sessions that are connected, when there are so many. */
  async function connected(count: number): Promise<Set<string>> {
    await expect.poll(async () => (await server.sessions()).size).toBe(count);
    return server.sessions();
  }

  it('are found, the one with the lowest sequence number first', async () => {
    const [one, two, three] = [await aGroup(), await contender(), await contender()];
    await one.contend('a log replica', 'log_replicas');
    await one.contend(masterInfo('127.0.0.3'));
    await two.contend(masterInfo('127.0.0.4'));
    await three.contend(masterInfo('127.0.0.5', 5051));
    const expected = ['http://127.0.0.3:5050', 'http://127.0.0.4:5050', 'http://127.0.0.5:5051'];
    const masters = detector();
    expect(await masters.detect(never)).toEqual(expected);
    expect(await masters.detect(never)).toEqual(expected);
  });

  it('are dialled by name where they speak TLS', async () => {
    const one = await aGroup();
    await one.contend(masterInfo('127.0.0.3'));
    expect(await detector(server.address, { scheme: 'https' }).detect(never)).toEqual([
      'https://host-127-0-0-3.example:5050',
    ]);
  });

  it('are led by the next one when the leader dies, and never again by one that comes back', async () => {
    const one = await aGroup();
    await one.makeGroup();
    const two = await contender();
    await one.contend(masterInfo('127.0.0.3'));
    await two.contend(masterInfo('127.0.0.4'));
    const masters = detector();
    expect(await masters.detect(never)).toEqual(['http://127.0.0.3:5050', 'http://127.0.0.4:5050']);
    opened.splice(opened.indexOf(one), 1);
    await one.close();
    expect(await masters.detect(never)).toEqual(['http://127.0.0.4:5050']);
    const again = await contender();
    await again.contend(masterInfo('127.0.0.3'));
    expect(await masters.detect(never)).toEqual(['http://127.0.0.4:5050', 'http://127.0.0.3:5050']);
  });

  it('are waited for where there is none yet, and where the group itself is missing', async () => {
    group = `/mesos-${groups++}`;
    const masters = detector();
    const first = masters.detect(never);
    const one = await contender();
    await one.makeGroup();
    await one.contend('no JSON');
    await one.contend(masterInfo('127.0.0.3'));
    expect(await first).toEqual(['http://127.0.0.3:5050']);
    opened.splice(opened.indexOf(one), 1);
    await one.close();
    const second = masters.detect(never);
    await (await contender()).contend(masterInfo('127.0.0.4'));
    expect(await second).toEqual(['http://127.0.0.4:5050']);
  });

  it('that stay away are an error that says what is there', async () => {
    const one = await aGroup();
    const masters = detector(server.address, { timeoutMs: 1500 });
    expect(await whyNot(masters)).toContain(`at ${group} within 1500 ms: there is none there`);
    await one.contend('of old', 'info_');
    expect(await whyNot(masters)).toContain('older than Mesos 0.24');
    await one.contend('{}');
    expect(await whyNot(masters)).toContain('1 znodes there hold no address');
    await one.contend(masterInfo('127.0.0.3'));
    expect(await detector().detect(never)).toEqual(['http://127.0.0.3:5050']);
  });

  it('may be guarded by a user and password', async () => {
    group = `/mesos-${groups++}`;
    const one = await contender();
    await one.makeGuardedGroup(`fw:${createHash('sha1').update('fw:s3cret').digest('base64')}`);
    const denied = detector();
    await expect(denied.detect(never)).rejects.toThrow(
      /does not let this client read.*zk:\/\/user:password@/,
    );
    const allowed = detector(`fw:s3cret@${server.address}`, { timeoutMs: 1000 });
    expect(await whyNot(allowed)).toContain('there is none there');
  });

  it('are found through the servers that live', async () => {
    const one = await aGroup();
    await one.contend(masterInfo('127.0.0.3'));
    const masters = detector(`127.0.0.1:1,${server.address},127.0.0.1:2`);
    expect(await masters.detect(never)).toEqual(['http://127.0.0.3:5050']);
  });

  it('are found although a server takes the connection and says nothing, as one that starts does', async () => {
    const one = await aGroup();
    await one.contend(masterInfo('127.0.0.3'));
    const wire = keep(await Wire.open(server.port));
    wire.mute = 1;
    expect(await detector(wire.address).detect(never)).toEqual(['http://127.0.0.3:5050']);
    expect(wire.connections).toBeGreaterThan(1);
  });

  it('are not found through servers that are dead, which leaves nothing behind', async () => {
    group = '/mesos';
    const wire = keep(await Wire.open(1));
    wire.cut();
    const masters = detector(`fw:s3cret@${wire.address}`, { timeoutMs: 300 });
    const failure = await masters.detect(never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoMasters);
    expect(String(failure)).toMatch(/there was no connection/);
    expect(String(failure)).not.toContain('s3cret');
    const { connections } = wire;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(wire.connections).toBe(connections);
    expect(wire.openSockets).toBe(0);
  });

  it('are found by a new session when the old one has expired', async () => {
    const one = await aGroup();
    await one.contend(masterInfo('127.0.0.3'));
    const wire = keep(await Wire.open(server.port));
    const masters = keep(
      new ZooKeeperMasters({
        hosts: wire.address,
        path: group,
        scheme: 'http',
        clock: systemClock,
        timeoutMs: 25_000,
        sessionTimeoutMs: 400,
      }),
    );
    expect(await masters.detect(never)).toEqual(['http://127.0.0.3:5050']);
    const before = await connected(2);
    wire.cut();
    // The server forgets a session that is silent for longer than its time; until then its end is not known.
    await expect.poll(async () => (await server.remembered()).size).toBe(1);
    wire.mend();
    expect(await masters.detect(never)).toEqual(['http://127.0.0.3:5050']);
    const fresh = [...(await connected(2))].filter((id) => !before.has(id));
    expect(fresh).toHaveLength(1);
  });

  it('are waited for across an expired session', async () => {
    await aGroup();
    const wire = keep(await Wire.open(server.port));
    const masters = keep(
      new ZooKeeperMasters({
        hosts: wire.address,
        path: group,
        scheme: 'http',
        clock: systemClock,
        timeoutMs: 25_000,
        sessionTimeoutMs: 400,
      }),
    );
    const found = masters.detect(never);
    await connected(2);
    wire.cut();
    await expect.poll(async () => (await server.remembered()).size).toBe(1);
    wire.mend();
    await (await contender()).contend(masterInfo('127.0.0.4'));
    expect(await found).toEqual(['http://127.0.0.4:5050']);
  });

  it('are found again after the server was killed and started again', async () => {
    const one = await aGroup();
    await one.contend(masterInfo('127.0.0.3'));
    const masters = detector();
    expect(await masters.detect(never)).toEqual(['http://127.0.0.3:5050']);
    await server.kill();
    await server.start();
    // The master's own session, too, outlives the restart.
    await one.connected();
    expect(await masters.detect(never)).toEqual(['http://127.0.0.3:5050']);
  });

  it('are no longer looked for when the signal aborts, and leave no socket when closed', async () => {
    const one = await aGroup();
    const wire = keep(await Wire.open(server.port));
    const masters = detector(wire.address);
    const controller = new AbortController();
    const waiting = masters.detect(controller.signal);
    controller.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
    await one.contend(masterInfo('127.0.0.3'));
    expect(await masters.detect(never)).toEqual(['http://127.0.0.3:5050']);
    expect(wire.openSockets).toBeGreaterThan(0);
    await masters.close();
    await masters.close();
    while (wire.openSockets > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(masters.detect(never)).rejects.toThrow(NoMasters);
  });
});
