import type { ImageSpec, PortSpec, TaskSpec } from './task-spec.ts';

/** How a task's ports are reached. */
export type TaskNetwork =
  /** It shares the agent's network: it listens on the ports of the agent that it got. */
  | { readonly kind: 'agent' }
  /** Its own network; ports of the agent lead to its own. No `name`: Docker's default bridge. */
  | { readonly kind: 'mapped'; readonly name?: string }
  /** Its own network, whose addresses can be dialled from outside; it takes no ports of the agent. */
  | { readonly kind: 'routable'; readonly name: string };

/** The image of a spec in its long form; undefined for a plain command. */
export function imageOf(spec: Pick<TaskSpec, 'image'>): ImageSpec | undefined {
  return typeof spec.image === 'string' ? { name: spec.image } : spec.image;
}

export function networkOf(spec: Pick<TaskSpec, 'image'>): TaskNetwork {
  const image = imageOf(spec);
  if (!image) return { kind: 'agent' };
  const network = image.network ?? (image.runtime === 'ucr' ? 'host' : 'bridge');
  if (network === 'host') return { kind: 'agent' };
  if (network === 'bridge') return { kind: 'mapped' };
  return { kind: image.routable ? 'routable' : 'mapped', name: network.name };
}

/** How many ports of its agent a task takes. */
export function hostPortsNeeded(spec: Pick<TaskSpec, 'image' | 'ports'>): number {
  return networkOf(spec).kind === 'routable' ? 0 : (spec.ports?.length ?? 0);
}

/** The key of a port in an endpoint, in a discovery and in the environment. */
export function portName(port: PortSpec, index: number): string {
  return port.name ?? `port${index}`;
}

/** Where the program itself listens: its fixed port, or the port of the agent that it got. */
export function listeningPort(port: PortSpec, hostPort: number | undefined): number {
  return port.containerPort || (hostPort ?? 0);
}
