import { masterUrl, type Scheme } from '../master-url.ts';
import type { MasterUrl } from '../transport.ts';

/** Masters contend by sequential znodes of this name: `json.info_0000000042`. Others (`log_replicas`) lie beside them. */
const NAME = /^json\.info_(-?\d+)$/;

/** The names of masters among a group's children; the lowest sequence number, which leads, first. */
export function contendersOf(children: readonly string[]): string[] {
  return children.filter((name) => NAME.test(name)).toSorted((one, other) => sequence(one) - sequence(other));
}

/** Masters before Mesos 0.24 wrote protobuf, to znodes of another name. */
export function hasOnlyOldContenders(children: readonly string[]): boolean {
  return children.some((name) => /^info_\d+$/.test(name)) && contendersOf(children).length === 0;
}

/**
 * The address in a master's znode, which is a MasterInfo as JSON. Undefined when it holds none. With TLS the host name is
 * taken, because certificates are for names; otherwise the IP address, because the name may be known to agents alone.
 */
export function readMasterZnode(data: Buffer, scheme: Scheme): MasterUrl | undefined {
  const info = parse(data);
  const address = fieldsOf(info['address']);
  const [ip, hostname] = [address['ip'], address['hostname'] ?? info['hostname']];
  const port = address['port'] ?? info['port'];
  for (const host of scheme === 'https' ? [hostname, ip] : [ip, hostname]) {
    const url = isHost(host) && isPort(port) ? masterUrl(scheme, host, port) : undefined;
    if (url !== undefined) return url;
  }
  return fromPid(info['pid'], scheme);
}

/** `master@10.0.0.1:5050`, which every master writes. */
function fromPid(pid: unknown, scheme: Scheme): MasterUrl | undefined {
  const match = typeof pid === 'string' ? /^[^@]*@\[?(.+?)\]?:(\d+)$/.exec(pid) : undefined;
  const [host, port] = [match?.[1], Number(match?.[2])];
  return isHost(host) && isPort(port) ? masterUrl(scheme, host, port) : undefined;
}

function parse(data: Buffer): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(data.toString()));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isHost(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.:%-]+$/.test(value);
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}

function sequence(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}
