import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

import { dnsSeeds, type SeedResolver } from '../../src/discovery/dns-seeds.ts';
import { fileSeeds } from '../../src/discovery/file-seeds.ts';
import { parseAddress } from '../../src/discovery/parse-address.ts';
import type { SeedSource } from '../../src/discovery/seed-source.ts';
import { staticSeeds } from '../../src/discovery/static-seeds.ts';
import { addressText } from '../../src/membership/member.ts';
import { openDnsServer } from './dns-server.ts';

async function found(source: SeedSource): Promise<string[]> {
  const { seeds } = await source.find(new AbortController().signal);
  return seeds.map(({ address }) => addressText(address));
}

describe('an address', () => {
  test.each([
    ['host:1', { host: 'host', port: 1 }],
    [' 10.0.0.3:7946\n', { host: '10.0.0.3', port: 7946 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['_x.my-app.marathon.mesos.:80', { host: '_x.my-app.marathon.mesos.', port: 80 }],
  ])('%j is read', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each([
    '',
    'host',
    'host:',
    ':80',
    'host:0',
    'host:65536',
    'host:-1',
    'a b:80',
    '::1:80',
    '[::1]',
    '[host]:80',
    'http://host:80',
    'host:80/x',
    'a..b:80',
    '-:80',
  ])('%j is refused, with an example', (text) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ADDRESS',
        mend: expect.stringContaining('10.0.0.3:7946') as string,
      }),
    );
  });
});

describe('a list', () => {
  test('is what it says, each address once', async () => {
    expect(await found(staticSeeds(['a:1', '[::1]:2', 'a:1']))).toEqual(['a:1', '[::1]:2']);
  });

  test('that is empty or wrong is refused at once', () => {
    expect(() => staticSeeds([])).toThrow(/list of seeds is empty/);
    expect(() => staticSeeds(['a:1', 'b'])).toThrow(/'b' is not an address/);
  });
});

describe('a file', () => {
  const directories: string[] = [];

  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
  });

  async function fileWith(text: string) {
    const directory = await mkdtemp(join(tmpdir(), 'seeds-'));
    directories.push(directory);
    const path = join(directory, 'seeds');
    await writeFile(path, text);
    return { path, source: fileSeeds(path) };
  }

  test.each([
    ['one a line', 'a:1\r\n\n# all of them\n  b:2  # the second\n[::1]:3'],
    ['a JSON list', '\n["a:1", "b:2", "[::1]:3"]\n'],
  ])('is read: %s', async (_what, text) => {
    expect(await found((await fileWith(text)).source)).toEqual(['a:1', 'b:2', '[::1]:3']);
  });

  test('may begin with IPv6, which looks like a list', async () => {
    expect(await found((await fileWith('[::1]:3')).source)).toEqual(['[::1]:3']);
  });

  test('is read each time', async () => {
    const { path, source } = await fileWith('a:1');
    expect(await found(source)).toEqual(['a:1']);
    await writeFile(path, 'b:2');
    expect(await found(source)).toEqual(['b:2']);
  });

  test.each([
    ['nothing', '# none yet\n', 'NO_SEEDS'],
    ['an empty list', '[]', 'NO_SEEDS'],
    ['half a list', '["a:1",', 'INVALID_ADDRESS'],
    ['a list of something else', '["a:1", 5]', 'INVALID_ADDRESS'],
    ['a line that is no address', 'a:1\nb', 'INVALID_ADDRESS'],
  ])('with %s is refused with its path', async (_what, text, code) => {
    const { path, source } = await fileWith(text);
    await expect(found(source)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(path) as string,
    });
  });

  test('that is missing is an error that says what to write', async () => {
    await expect(found(fileSeeds('/nowhere/seeds'))).rejects.toMatchObject({
      code: 'SEEDS_UNREACHABLE',
      message: expect.stringMatching(/\/nowhere\/seeds .*ENOENT.*Write the address/) as string,
    });
  });
});

describe('DNS', () => {
  function resolver(answers: Readonly<Record<string, readonly string[] | string>>): SeedResolver {
    return {
      addresses(name) {
        const answer = answers[name] ?? 'ENOTFOUND';
        return typeof answer === 'string'
          ? Promise.reject(Object.assign(new Error(answer), { code: answer }))
          : Promise.resolve(answer);
      },
      services: () => Promise.reject(new Error('not asked')),
    };
  }

  test('addresses of both kinds get the port', async () => {
    const source = dnsSeeds({
      name: 'fw',
      port: 7946,
      resolver: resolver({ fw: ['10.0.0.3', 'fd01::5', '10.0.0.3'] }),
    });
    expect(await found(source)).toEqual(['10.0.0.3:7946', '[fd01::5]:7946']);
  });

  test('of several names it is enough that one is known', async () => {
    const source = dnsSeeds({ name: ['a', 'b'], port: 1, resolver: resolver({ b: ['10.0.0.3'] }) });
    expect(await found(source)).toEqual(['10.0.0.3:1']);
  });

  test('the system is asked when nobody else is given', async () => {
    expect(await found(dnsSeeds({ name: 'localhost', port: 5 }))).toContain('127.0.0.1:5');
  });

  test('services of a real server have hosts and ports', async () => {
    const server = await openDnsServer({
      '_cluster._fw._tcp.marathon.mesos': [
        { name: 'fw-1.marathon.slave.mesos', port: 31_001 },
        { name: 'fw-2.marathon.slave.mesos', port: 31_002 },
      ],
    });
    const asked = new Resolver({ timeout: 20_000, tries: 1 });
    asked.setServers([`127.0.0.1:${server.port}`]);
    const real: SeedResolver = {
      addresses: (name) => asked.resolve4(name),
      services: (name) => asked.resolveSrv(name),
    };
    expect(await found(dnsSeeds({ name: '_cluster._fw._tcp.marathon.mesos', resolver: real }))).toEqual([
      'fw-1.marathon.slave.mesos:31001',
      'fw-2.marathon.slave.mesos:31002',
    ]);
    await expect(
      found(dnsSeeds({ name: '_cluster._other._tcp.marathon.mesos', resolver: real })),
    ).rejects.toMatchObject({
      code: 'NO_SEEDS',
    });
    await server.close();
  });

  test.each([
    ['ENOTFOUND', 'NO_SEEDS', /Check the name/],
    ['ENODATA', 'NO_SEEDS', /Check the name/],
    ['ECONNREFUSED', 'SEEDS_UNREACHABLE', /name servers/],
    ['EAI_AGAIN', 'SEEDS_UNREACHABLE', /name servers/],
  ])('that says %s is told as %s', async (answer, code, mend) => {
    await expect(
      found(dnsSeeds({ name: 'fw', port: 1, resolver: resolver({ fw: answer }) })),
    ).rejects.toMatchObject({
      code,
      message: expect.stringMatching(mend) as string,
    });
  });

  test('that never answers is left when nobody waits any more', async () => {
    const silent: SeedResolver = {
      addresses: () => new Promise(() => {}),
      services: () => new Promise(() => {}),
    };
    const controller = new AbortController();
    const finding = dnsSeeds({ name: 'fw', port: 1, resolver: silent }).find(controller.signal);
    controller.abort(new Error('closing'));
    await expect(finding).rejects.toThrow('closing');
  });

  test('addresses without a port, and no names, are refused at once', () => {
    expect(() => dnsSeeds({ name: 'fw', type: 'A' })).toThrow(/Give `port`/);
    expect(() => dnsSeeds({ name: [] })).toThrow(/No name/);
  });
});
