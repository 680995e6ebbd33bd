import { afterEach, describe, expect, it } from 'vitest';
import { NoMasters } from '../../src/transport/detectors/detector-error.ts';
import { parseMasters } from '../../src/transport/detectors/parse-masters.ts';
import { DnsServer, type DnsRecord } from './dns-server.ts';

const servers: DnsServer[] = [];
const never = new AbortController().signal;

/** As Mesos-DNS answers. */
const zone: Record<string, readonly DnsRecord[]> = {
  'leader.mesos': [{ type: 'A', address: '10.0.0.4' }],
  'master.mesos': [
    { type: 'A', address: '10.0.0.3' },
    { type: 'A', address: '10.0.0.4' },
    { type: 'A', address: '10.0.0.5' },
  ],
  'second.mesos': [{ type: 'A', address: '10.0.0.5' }],
  '_leader._tcp.mesos': [
    { type: 'SRV', priority: 1, weight: 0, port: 5052, target: 'second.mesos' },
    { type: 'SRV', priority: 0, weight: 0, port: 5051, target: 'leader.mesos' },
  ],
  'empty.mesos': [],
};

async function aServer(isSilent = false): Promise<string> {
  const server = await DnsServer.open(zone, isSilent);
  servers.push(server);
  return server.address;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('masters in DNS', () => {
  it('are all addresses of a name', async () => {
    const found = await parseMasters(`dns://${await aServer()}/master.mesos`).detect(never);
    expect(found.toSorted()).toEqual([
      'http://10.0.0.3:5050',
      'http://10.0.0.4:5050',
      'http://10.0.0.5:5050',
    ]);
  });

  it('listen where the address says', async () => {
    const found = await parseMasters(`dns://${await aServer()}/leader.mesos:5051`).detect(never);
    expect(found).toEqual(['http://10.0.0.4:5051']);
  });

  it('are the hosts and ports of SRV records, in their order', async () => {
    const found = await parseMasters(`dns://${await aServer()}/_leader._tcp.mesos`).detect(never);
    expect(found).toEqual(['http://10.0.0.4:5051', 'http://10.0.0.5:5052']);
  });

  it('keep their names where they speak TLS, for their certificates', async () => {
    const options = { scheme: 'https' } as const;
    const address = await aServer();
    expect(await parseMasters(`dns://${address}/leader.mesos`, options).detect(never)).toEqual([
      'https://leader.mesos:5050',
    ]);
    expect(await parseMasters(`dns://${address}/_leader._tcp.mesos`, options).detect(never)).toEqual([
      'https://leader.mesos:5051',
      'https://second.mesos:5052',
    ]);
  });

  it('are resolved as the machine does when no server is named', async () => {
    expect(await parseMasters('dns:localhost').detect(never)).toContain('http://127.0.0.1:5050');
  });

  it('follow the records at each detection', async () => {
    const detector = parseMasters(`dns://${await aServer()}/moving.mesos`);
    zone['moving.mesos'] = [{ type: 'A', address: '10.0.0.1' }];
    expect(await detector.detect(never)).toEqual(['http://10.0.0.1:5050']);
    zone['moving.mesos'] = [{ type: 'A', address: '10.0.0.2' }];
    expect(await detector.detect(never)).toEqual(['http://10.0.0.2:5050']);
    delete zone['moving.mesos'];
    await detector.close();
  });

  it.each([
    ['nosuch.mesos', /knows no masters by the name nosuch\.mesos \(ENOTFOUND\)/],
    ['empty.mesos', /knows no masters by the name empty\.mesos/],
    ['_nosuch._tcp.mesos', /knows no masters by the name _nosuch\._tcp\.mesos/],
  ])('that are not there are an error that names the name: %s', async (name, message) => {
    const detecting = parseMasters(`dns://${await aServer()}/${name}`).detect(never);
    await expect(detecting).rejects.toThrow(NoMasters);
    await expect(detecting).rejects.toThrow(message);
  });

  it('by a name that this machine does not know are an error, too', async () => {
    await expect(parseMasters('dns:no-such-master.invalid').detect(never)).rejects.toThrow(
      /DNS knows no masters by the name no-such-master\.invalid/,
    );
  });

  it('of a silent server are waited for no longer than is allowed', async () => {
    const detector = parseMasters(`dns://${await aServer(true)}/leader.mesos`, { timeoutMs: 100 });
    await expect(detector.detect(never)).rejects.toThrow(/did not say within 100 ms where leader\.mesos is/);
  });

  it('are no longer asked for when the signal aborts', async () => {
    const detector = parseMasters(`dns://${await aServer(true)}/leader.mesos`);
    const controller = new AbortController();
    const waiting = detector.detect(controller.signal);
    controller.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
    await expect(detector.detect(controller.signal)).rejects.toThrow('no longer wanted');
  });
});
