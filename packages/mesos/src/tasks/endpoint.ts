import type { WireNetworkInfo, WireTaskStatus } from '../wire/index.ts';
import { networkOf, portName } from './task-network.ts';
import type { Endpoint, Placement, TaskRecord } from './task-record.ts';
import type { PortSpec } from './task-spec.ts';

/** The IPv4 address where there is one: whoever dials may have no IPv6. */
function addressIn(info: WireNetworkInfo | undefined): string | undefined {
  const addresses = info?.ip_addresses ?? [];
  const chosen =
    addresses.find(({ ip_address: ip }) => ip !== undefined && !ip.includes(':')) ?? addresses[0];
  return chosen?.ip_address || undefined;
}

interface InspectedNetwork {
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
}

/** A Docker task's `data` is what `docker inspect` says; it is the agent's to garble, so nothing is trusted. */
function inspectedAddress(data: string | undefined, network: string): string | undefined {
  if (data === undefined) return undefined;
  try {
    const [container] = JSON.parse(Buffer.from(data, 'base64').toString()) as readonly {
      readonly NetworkSettings?: {
        readonly Networks?: Readonly<Record<string, InspectedNetwork | undefined>>;
      };
    }[];
    const found = container?.NetworkSettings?.Networks?.[network];
    return found?.IPAddress || found?.GlobalIPv6Address || undefined;
  } catch {
    return undefined;
  }
}

/** The container's own address in a named network, as the executor or Docker has told it. */
function containerAddress(status: WireTaskStatus | undefined, network: string): string | undefined {
  const infos = status?.container_status?.network_infos ?? [];
  const named = addressIn(infos.find(({ name }) => name === network));
  return (
    named ??
    inspectedAddress(status?.data, network) ??
    addressIn(infos.find(({ name }) => name === undefined))
  );
}

/** The IP address rather than the name: it needs no resolver. The offer is the only one that tells it. */
function agentAddress({ agentUrl, hostname }: Placement): string {
  return agentUrl?.address.ip || agentUrl?.address.hostname || hostname;
}

function endpointWith(host: string, ports: readonly (readonly [string, number])[]): Endpoint {
  const first = ports[0];
  return {
    host,
    ...(first && { port: first[1] }),
    ports: Object.fromEntries(ports.map(([name, port]) => [name, { host, port }])),
  };
}

/**
 * Where a task can be dialled; undefined while it is not placed, or its own address is not told yet.
 *
 * | network | host | port |
 * |---|---|---|
 * | the agent's (plain commands, Docker host, UCR host) | agent | the agent's port |
 * | Docker bridge, named network that isn't routable | agent | the agent's port that is mapped |
 * | routable named network | container | the container's port |
 *
 * The address that a container reports in Docker's bridge is not routable and never used. An IPv6 address stands
 * without brackets.
 */
export function endpointOf(record: TaskRecord): Endpoint | undefined {
  const { spec, placement, status } = record;
  if (!placement) return undefined;
  const ports: readonly PortSpec[] = spec?.ports ?? placement.hostPorts.map(() => ({}));
  const network = networkOf(spec ?? {});
  if (network.kind === 'routable') {
    const host = containerAddress(status, network.name);
    if (host === undefined) return undefined;
    return endpointWith(
      host,
      ports.map((port, index) => [portName(port, index), port.containerPort ?? 0]),
    );
  }
  const dialled = ports.map(
    (port, index) => [portName(port, index), placement.hostPorts[index] ?? 0] as const,
  );
  return endpointWith(agentAddress(placement), dialled);
}
