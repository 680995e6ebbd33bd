import { isIP } from 'node:net';
import { systemClock, type Clock } from '../../base/clock.ts';
import { parseMaster, type Scheme } from '../master-url.ts';
import type { MasterDetector, MasterUrl } from '../transport.ts';
import { DnsMasters } from './dns-masters.ts';
import { InvalidMasters } from './detector-error.ts';
import { StaticMasters } from './static-masters.ts';
import { ZooKeeperMasters } from './zookeeper-masters.ts';

export interface DetectorOptions {
  /** Of masters whose address has none; default `http`. */
  readonly scheme?: Scheme;
  /** How long one detection may take; default 15,000 ms. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

type Settled = Required<DetectorOptions>;

const DNS_PORT = 53;
const MASTER_PORT = 5050;
const ZOOKEEPER_PORT = 2181;

/**
 * The detector for a `masters` option:
 *
 * - `http://a:5050,b:5050`, `a`, or a list of such: these masters. Without a port: 5050, but with a scheme 80 or 443. One
 *   without a scheme has that of the one before it.
 * - `zk://[user:password@]h1:2181,h2:2181/mesos`: those that ZooKeeper knows, as in the masters' own `--zk`.
 * - `dns:leader.mesos[:5050]`: the addresses of a name. `dns:_leader._tcp.mesos`: hosts and ports of its SRV records.
 *   `dns://10.0.0.2:53/leader.mesos`: the same, asked of this server.
 *
 * Throws {@link InvalidMasters}, whose message never holds a password.
 */
export function parseMasters(
  masters: string | readonly string[],
  options: DetectorOptions = {},
): MasterDetector {
  const settled = {
    scheme: options.scheme ?? 'http',
    timeoutMs: options.timeoutMs ?? 15_000,
    clock: options.clock ?? systemClock,
  };
  const given = (typeof masters === 'string' ? [masters] : [...masters]).map((each) => each.trim());
  const [first = '', ...others] = given;
  const isSearch = given.some((each) => /^(zk|dns):/i.test(each));
  if (isSearch && others.length > 0)
    throw new InvalidMasters(
      'A zk: or dns: address finds all masters: give it alone, not in a list with others.',
    );
  if (/^zk:/i.test(first)) return parseZooKeeper(first, settled);
  if (/^dns:/i.test(first)) return parseDns(first, settled);
  return new StaticMasters(parseList(given, settled.scheme));
}

function parseList(given: readonly string[], defaultScheme: Scheme): MasterUrl[] {
  const found = new Set<MasterUrl>();
  for (const list of given) {
    let scheme = defaultScheme;
    for (const text of list.split(',').map((each) => each.trim())) {
      if (text === '') continue;
      const parsed = parseMaster(text, scheme);
      if (parsed.kind === 'problem') throw invalid(text, parsed.problem);
      scheme = parsed.scheme;
      found.add(parsed.url);
    }
  }
  if (found.size > 0) return [...found];
  throw new InvalidMasters(
    "No master is given: masters is such as 'http://10.0.0.1:5050' or 'zk://10.0.0.1:2181/mesos'.",
  );
}

function parseZooKeeper(text: string, settled: Settled): MasterDetector {
  const match = /^zk:\/\/(?:(.*)@)?([^/@]*)(\/.*)?$/i.exec(text);
  if (!match) throw invalid(text, "it must be such as 'zk://10.0.0.1:2181,10.0.0.2:2181/mesos'");
  const [, auth, hosts = '', path = ''] = match;
  if (auth !== undefined && !/^[^:]+:.+$/.test(auth))
    throw invalid(text, 'before the @ it must have user:password');
  if (!/^(\/[^/]+)+\/?$/.test(path))
    throw invalid(text, "it lacks the path that the masters' own --zk has, such as /mesos at its end");
  return new ZooKeeperMasters({
    ...settled,
    hosts: zooKeeperHosts(text, hosts),
    ...(auth === undefined ? {} : { auth }),
    path: path.replace(/\/$/, ''),
  });
}

function zooKeeperHosts(text: string, hosts: string): string {
  const parsed = hosts.split(',').map((host) => {
    const match = /^([\w.-]+)(?::(\d+))?$/.exec(host.trim());
    const port = Number(match?.[2] ?? ZOOKEEPER_PORT);
    if (match && isPort(port)) return `${match[1]}:${port}`;
    const hint = host.includes('[') || host.split(':').length > 2 ? '; IPv6 addresses need a name' : '';
    throw invalid(text, `'${host}' is no host:port of a ZooKeeper server${hint}`);
  });
  return parsed.join(',');
}

function parseDns(text: string, settled: Settled): MasterDetector {
  const match = /^dns:(?:\/\/([^/]+)\/)?([\w.-]+)(?::(\d+))?$/i.exec(text);
  const [, server, name = '', portText] = match ?? [];
  const port = Number(portText ?? MASTER_PORT);
  if (!match || !isPort(port))
    throw invalid(text, "it must be such as 'dns:leader.mesos:5050' or 'dns:_leader._tcp.mesos'");
  if (name.startsWith('_') && portText !== undefined)
    throw invalid(text, 'SRV records have ports: leave the port out');
  const asked = server === undefined ? {} : { server: dnsServer(text, server) };
  return new DnsMasters({ ...settled, name, port, ...asked });
}

function dnsServer(text: string, server: string): string {
  const match = /^(?:\[([\da-f:]+)\]|([\d.]+))(?::(\d+))?$/i.exec(server);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3] ?? DNS_PORT);
  if (isIP(address) === 0 || !isPort(port))
    throw invalid(text, 'its DNS server must be an IP address, with a port or without');
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function invalid(text: string, problem: string): InvalidMasters {
  const shown = text.replace(/\/\/[^@]*@/, '//***@').replace(/^[^/]*@/, '***@');
  return new InvalidMasters(`The masters address '${shown}' can't be used: ${problem}.`);
}
