import { describe, expect, it, vi } from 'vitest';
import { InvalidMasters } from './detector-error.ts';
import { DnsMasters } from './dns-masters.ts';
import { parseMasters } from './parse-masters.ts';
import { ZooKeeperMasters } from './zookeeper-masters.ts';

const never = new AbortController().signal;

describe('the masters option', () => {
  it.each<[string | string[], string[]]>([
    ['http://a:5050', ['http://a:5050']],
    ['a', ['http://a:5050']],
    ['a:5051', ['http://a:5051']],
    [' a , b:5051,,', ['http://a:5050', 'http://b:5051']],
    ['http://a:5050,b:5051,c', ['http://a:5050', 'http://b:5051', 'http://c:5050']],
    ['https://a:5050,b', ['https://a:5050', 'https://b:5050']],
    ['http://a/', ['http://a']],
    ['https://a', ['https://a']],
    ['http://a:80', ['http://a']],
    [
      ['a', 'https://b', 'c'],
      ['http://a:5050', 'https://b', 'http://c:5050'],
    ],
    [
      ['a,b', 'a:5050'],
      ['http://a:5050', 'http://b:5050'],
    ],
    ['10.0.0.1', ['http://10.0.0.1:5050']],
    ['[::1]', ['http://[::1]:5050']],
    ['http://[::1]:5051', ['http://[::1]:5051']],
    ['HTTP://Leader.Mesos:5050', ['http://leader.mesos:5050']],
  ])('%j names masters', async (masters, expected) => {
    expect(await parseMasters(masters).detect(never)).toEqual(expected);
  });

  it('has another scheme for addresses without one where TLS is used', async () => {
    expect(await parseMasters('a,http://b', { scheme: 'https' }).detect(never)).toEqual([
      'https://a:5050',
      'http://b',
    ]);
  });

  it.each([
    'zk://a:2181/mesos',
    'zk://a,b:2182,10.0.0.1/a/b/',
    'zk://user:p@ss:word@a/mesos',
    'ZK://a/mesos',
  ])('%s asks ZooKeeper', (masters) => {
    expect(parseMasters(masters)).toBeInstanceOf(ZooKeeperMasters);
    expect(parseMasters([masters])).toBeInstanceOf(ZooKeeperMasters);
  });

  it.each([
    'dns:leader.mesos',
    'dns:leader.mesos:5051',
    'dns:_leader._tcp.mesos',
    'dns://10.0.0.2/leader.mesos',
    'dns://10.0.0.2:8053/leader.mesos:5050',
    'dns://[fd00::2]:53/leader.mesos',
  ])('%s asks DNS', (masters) => {
    expect(parseMasters(masters)).toBeInstanceOf(DnsMasters);
  });

  it.each<[string | string[], RegExp]>([
    ['', /No master is given.*http:\/\/10\.0\.0\.1:5050/],
    [[], /No master is given/],
    [' , ', /No master is given/],
    ['ftp://a', /'ftp:\/\/a'.*scheme 'ftp' is neither http nor https/],
    ['mesos://a', /scheme 'mesos'/],
    ['http://', /no address/],
    ['http://a:99999', /no address/],
    ['a b', /no address/],
    ['::1', /no address/],
    ['http://a:5050/api/v1/scheduler', /has a path: leave out everything after the port/],
    ['http://a:5050/?x', /has a path/],
    ['http://fw:s3cret@a:5050', /'http:\/\/\*\*\*@a:5050'.*give them as credentials/],
    ['fw:s3cret@a', /'\*\*\*@a'.*give them as credentials/],
    ['zk:a', /must be such as 'zk:\/\//],
    ['zk://a:2181', /lacks the path.*\/mesos/],
    ['zk://a:2181/', /lacks the path/],
    ['zk:///mesos', /'' is no host:port/],
    ['zk://a:0/mesos', /'a:0' is no host:port/],
    ['zk://[::1]:2181/mesos', /IPv6 addresses need a name/],
    ['zk://fw@a/mesos', /'zk:\/\/\*\*\*@a\/mesos'.*user:password/],
    ['zk://fw:s3cret@a:x/mesos', /'a:x' is no host:port/],
    [['zk://a/mesos', 'zk://b/mesos'], /give it alone/],
    [['dns:a', 'http://b'], /give it alone/],
    ['dns:', /must be such as 'dns:leader\.mesos:5050'/],
    ['dns:a:99999', /must be such as/],
    ['dns:_leader._tcp.mesos:5050', /leave the port out/],
    ['dns://ns.mesos/leader.mesos', /DNS server must be an IP address/],
    ['dns://10.0.0.2:0/leader.mesos', /DNS server must be an IP address/],
  ])('%j is refused with a hint', (masters, message) => {
    expect(() => parseMasters(masters)).toThrow(InvalidMasters);
    expect(() => parseMasters(masters)).toThrow(message);
    expect(() => parseMasters(masters)).toThrow(/^(?!.*s3cret)/);
  });

  it('with zk:// says what to install where the package is missing', async () => {
    vi.doMock('node-zookeeper-client', () => {
      throw Object.assign(new Error("Cannot find package 'node-zookeeper-client'"), {
        code: 'ERR_MODULE_NOT_FOUND',
      });
    });
    const detecting = parseMasters('zk://127.0.0.1:1/mesos').detect(never);
    await expect(detecting).rejects.toThrow(InvalidMasters);
    await expect(detecting).rejects.toThrow(/npm install node-zookeeper-client/);
    vi.doUnmock('node-zookeeper-client');
  });
});
