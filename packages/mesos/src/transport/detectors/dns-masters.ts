import { lookup, Resolver } from 'node:dns/promises';
import type { SrvRecord } from 'node:dns';
import { masterUrl, type Scheme } from '../master-url.ts';
import type { MasterDetector, MasterUrl } from '../transport.ts';
import type { Clock } from '../../base/clock.ts';
import { NoMasters } from './detector-error.ts';
import { within } from './within.ts';

export interface DnsMastersOptions {
  /** `leader.mesos`, or a service such as `_leader._tcp.mesos`, whose SRV records name hosts and ports. */
  readonly name: string;
  /** Of the masters, for a name that is no service. */
  readonly port: number;
  readonly scheme: Scheme;
  /** `host:port` of the DNS server to ask, such as Mesos-DNS. Default: as the machine resolves names. */
  readonly server?: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Masters by the records of a DNS name, asked anew at each detection. */
export class DnsMasters implements MasterDetector {
  readonly #options: DnsMastersOptions;

  constructor(options: DnsMastersOptions) {
    this.#options = options;
  }

  async detect(signal: AbortSignal): Promise<readonly MasterUrl[]> {
    const { name, clock, timeoutMs } = this.#options;
    const resolver = this.#resolver();
    const late = () => new NoMasters(`The DNS server did not say within ${timeoutMs} ms where ${name} is.`);
    try {
      const found = await within(this.#find(resolver), { signal, clock, timeoutMs, late });
      if (found.length > 0) return found;
    } catch (error) {
      if (signal.aborted || error instanceof NoMasters) throw error;
      throw this.#notFound(error);
    } finally {
      resolver.cancel();
    }
    throw this.#notFound(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #resolver(): Resolver {
    const resolver = new Resolver();
    if (this.#options.server !== undefined) resolver.setServers([this.#options.server]);
    return resolver;
  }

  async #find(resolver: Resolver): Promise<MasterUrl[]> {
    const { name, port } = this.#options;
    if (!name.startsWith('_')) return this.#masters(resolver, { name, port });
    const services = (await resolver.resolveSrv(name)).toSorted(byPreference);
    const found = await Promise.all(services.map((service) => this.#masters(resolver, service)));
    return found.flat();
  }

  /** With TLS the name itself, which is what the certificate is for; it was resolved only to learn that it exists. */
  async #masters(resolver: Resolver, target: { name: string; port: number }): Promise<MasterUrl[]> {
    const name = target.name.replace(/\.$/, '');
    const addresses = await this.#addresses(resolver, name);
    const hosts = this.#options.scheme === 'https' && addresses.length > 0 ? [name] : addresses;
    const masters = hosts.map((host) => masterUrl(this.#options.scheme, host, target.port));
    return masters.filter((master) => master !== undefined);
  }

  async #addresses(resolver: Resolver, name: string): Promise<string[]> {
    if (this.#options.server === undefined) {
      const records = await lookup(name, { all: true });
      return [...new Set(records.map(({ address }) => address))];
    }
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason;
    return [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  }

  #notFound(cause: unknown): NoMasters {
    const { name, server } = this.#options;
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    const asked = server === undefined ? 'DNS' : `The DNS server ${server}`;
    return new NoMasters(`${asked} knows no masters by the name ${name}${code}.`, { cause });
  }
}

function byPreference(a: SrvRecord, b: SrvRecord): number {
  return a.priority - b.priority || b.weight - a.weight;
}
