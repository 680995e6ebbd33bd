/** The packet filter of a sandbox that may reach the internet, as an nftables script. Pure. */
import { isIPv4 } from 'node:net';

export interface AllowedDestination {
  /** An IPv4 address. */
  readonly address: string;
  readonly port: number;
}

/** slirp4netns' own addresses (its man page): the resolver, and the sandbox's end. */
export const slirpResolver = '10.0.2.3';

/**
 * Where no action gets without leave: this network, private (RFC 1918), carrier-grade NAT (RFC 6598), loopback,
 * link-local with the clouds' metadata service, IETF protocol assignments, benchmarking, 6to4 relays, multicast,
 * reserved, broadcast.
 */
const refusedRanges: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Metadata services that lie on public addresses (Azure's wire server, Alibaba's is in 100.64/10).
  '168.63.129.16/32',
];

const allowRule = ({ address, port }: AllowedDestination) =>
  `    ip daddr ${address} meta l4proto { tcp, udp } th dport ${port} accept`;

/**
 * @param allowed what the operator opened, before all refusals
 * @param hostAddresses the host's own addresses: from the host's side of the path they lead to its services
 */
export function networkRules(
  allowed: readonly AllowedDestination[],
  hostAddresses: readonly string[],
): string {
  const refused = [...refusedRanges, ...hostAddresses.filter((address) => isIPv4(address))];
  return `table inet vibrissa {
  set refused { type ipv4_addr; flags interval; auto-merge; elements = { ${refused.join(', ')} } }
  chain output {
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    meta nfproto ipv6 reject with icmpx admin-prohibited
    ip daddr ${slirpResolver} meta l4proto { tcp, udp } th dport 53 accept
${allowed.map((destination) => `${allowRule(destination)}\n`).join('')}    ip daddr @refused reject with icmpx admin-prohibited
    meta l4proto { tcp, udp, icmp } accept
  }
}
`;
}

/** `host:port` of the configuration. Undefined when it isn't one. */
export function parseDestination(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^([A-Za-z0-9._-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  return match?.[1] === undefined || port < 1 || port > 65_535 ? undefined : { host: match[1], port };
}
