import type { WireContainerInfo, WirePortMapping, WireVolume } from '../wire/index.ts';
import { imageOf, listeningPort, networkOf } from './task-network.ts';
import type { ImageSpec, PortSpec, VolumeSpec } from './task-spec.ts';
import type { StoredTaskSpec } from './task-record.ts';

/** Which ports of the agent lead to which ports of the task's own network. */
export function portMappings(
  ports: readonly PortSpec[],
  hostPorts: readonly number[],
): readonly WirePortMapping[] {
  return ports.map((port, index) => ({
    host_port: hostPorts[index] ?? 0,
    container_port: listeningPort(port, hostPorts[index]),
    protocol: port.protocol ?? 'tcp',
  }));
}

function buildVolumes(volumes: readonly VolumeSpec[]): readonly WireVolume[] {
  return volumes.map((volume) => ({
    mode: volume.readOnly ? 'RO' : 'RW',
    container_path: volume.containerPath,
    host_path: volume.hostPath,
  }));
}

/**
 * Docker maps ports in its bridge and in user networks only: a mapping on the host's network fails the task. A user
 * network is named in exactly one NetworkInfo.
 */
function dockerContainer(
  spec: StoredTaskSpec,
  image: ImageSpec,
  hostPorts: readonly number[],
): WireContainerInfo {
  const network = networkOf(spec);
  const name = network.kind === 'agent' ? undefined : network.name;
  const bridged = name === undefined ? 'BRIDGE' : 'USER';
  const mapped = network.kind === 'mapped' && spec.ports?.length;
  return {
    type: 'DOCKER',
    docker: {
      image: image.name,
      network: network.kind === 'agent' ? 'HOST' : bridged,
      ...(mapped && { port_mappings: portMappings(spec.ports ?? [], hostPorts) }),
      ...(image.parameters?.length && { parameters: image.parameters }),
      ...(image.forcePull !== undefined && { force_pull_image: image.forcePull }),
      ...(image.privileged !== undefined && { privileged: image.privileged }),
    },
    ...(name !== undefined && { network_infos: [{ name }] }),
  };
}

/** No NetworkInfo: the agent's own network. `cached: false` makes the agent ask for the image anew. */
function ucrContainer(
  spec: StoredTaskSpec,
  image: ImageSpec,
  hostPorts: readonly number[],
): WireContainerInfo {
  const network = networkOf(spec);
  const name = network.kind === 'agent' ? undefined : network.name;
  const mapped = network.kind === 'mapped' && spec.ports?.length;
  return {
    type: 'MESOS',
    mesos: { image: { type: 'DOCKER', docker: { name: image.name }, cached: image.forcePull !== true } },
    ...(name !== undefined && {
      network_infos: [{ name, ...(mapped && { port_mappings: portMappings(spec.ports ?? [], hostPorts) }) }],
    }),
  };
}

/** The container of a task; undefined for a plain command without volumes, which needs none. */
export function buildContainer(
  spec: StoredTaskSpec,
  hostPorts: readonly number[],
): WireContainerInfo | undefined {
  const image = imageOf(spec);
  const volumes = spec.volumes?.length ? { volumes: buildVolumes(spec.volumes) } : {};
  if (!image) return spec.volumes?.length ? { type: 'MESOS', ...volumes } : undefined;
  const container =
    image.runtime === 'ucr' ? ucrContainer(spec, image, hostPorts) : dockerContainer(spec, image, hostPorts);
  return { ...container, ...volumes };
}
