import { lookup, Resolver } from 'node:dns/promises';

import type { Address } from '../membership/member.ts';
import { listSeeds } from './list-seeds.ts';
import { SeedError } from './seed-error.ts';
import type { SeedSource } from './seed-source.ts';
import { abandonable } from './abandonable.ts';

const TRY_FOR_MS = 2_000;

/** Who is asked; default: the system, for addresses with its hosts file, for services its DNS servers. */
export interface SeedResolver {
  addresses(name: string): Promise<readonly string[]>;
  services(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
}

export interface DnsSeedsOptions {
  /** One, or several; it is enough that one of them is known. */
  readonly name: string | readonly string[];
  /** `A`: addresses of IPv4 and IPv6, with `port`. `SRV`: hosts with ports. Default: `A` with a port, else `SRV`. */
  readonly type?: 'A' | 'SRV';
  readonly port?: number;
  readonly resolver?: SeedResolver;
}

/**
 * What DNS lists under a name.
 *
 *     dnsSeeds({ name: 'my-framework.marathon.mesos', port: 7946 })
 *     dnsSeeds({ name: '_cluster._my-framework._tcp.marathon.mesos' })
 *
 * Throws {@link SeedError} `INVALID_OPTIONS`.
 */
export function dnsSeeds(options: DnsSeedsOptions): SeedSource {
  const { port, resolver = systemResolver } = options;
  const names = typeof options.name === 'string' ? [options.name] : options.name;
  const type = options.type ?? (port === undefined ? 'SRV' : 'A');
  if (names.length === 0) throw invalid('No name is given to look up.', 'Give at least one.');
  if (type === 'A' && !isPort(port)) {
    throw invalid(
      `An address record has no port, and ${port} is none.`,
      'Give `port`, 1 to 65535, or look up SRV.',
    );
  }
  const shown = names.join(', ');
  return {
    description: `DNS (${type} of ${shown})`,
    async find(signal) {
      const asked = names.map((name) => addressesOf(name, { type, port: port ?? 0, resolver }));
      const answers = await abandonable(Promise.allSettled(asked), signal);
      const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      if (addresses.length > 0) return listSeeds(addresses);
      throw nothing(
        `DNS knows no ${type} record of ${shown}`,
        answers.flatMap((answer) =>
          answer.status === 'rejected' ? [answer.reason as NodeJS.ErrnoException] : [],
        ),
      );
    },
  };
}

const systemResolver: SeedResolver = {
  addresses: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  services: (name) => new Resolver({ timeout: TRY_FOR_MS, tries: 2 }).resolveSrv(name),
};

async function addressesOf(
  name: string,
  { type, port, resolver }: { type: 'A' | 'SRV'; port: number; resolver: SeedResolver },
): Promise<Address[]> {
  if (type === 'A') return (await resolver.addresses(name)).map((host) => ({ host, port }));
  const services = await resolver.services(name);
  return services
    .filter((service) => isPort(service.port))
    .map((service) => ({ host: service.name, port: service.port }));
}

/** Where somebody has answered that there is nothing, a record is missing; else DNS can't be reached. */
function nothing(what: string, errors: readonly NodeJS.ErrnoException[]): SeedError {
  const unreachable = errors.find(({ code }) => code !== 'ENOTFOUND' && code !== 'ENODATA');
  if (!unreachable) {
    return new SeedError('NO_SEEDS', {
      what: `${what}.`,
      mend: 'Check the name; a name of Mesos-DNS or Kubernetes comes when the first instance runs.',
    });
  }
  return new SeedError('SEEDS_UNREACHABLE', {
    what: `${what}: ${unreachable.code ?? unreachable.message}.`,
    mend: 'Check the name servers in /etc/resolv.conf of this machine or container.',
    cause: unreachable,
  });
}

function isPort(port: number | undefined): port is number {
  return Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;
}

function invalid(what: string, mend: string): SeedError {
  return new SeedError('INVALID_OPTIONS', { what, mend });
}
