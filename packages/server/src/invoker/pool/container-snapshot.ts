import type { ContainerWorker } from './container-worker.ts';
import type { PoolEntry } from './free-containers.ts';

/** A container, for the operator's page. */
export interface ContainerSnapshot {
  readonly name: string;
  readonly id?: string;
  readonly state: string;
  readonly kind: string;
  /** `ns[/pkg]/name`; absent while it is prewarmed. */
  readonly action?: string;
  readonly memoryMb: number;
  /** Activations that run in it now. */
  readonly active: number;
  /** Activations that it began to run since this process has it. */
  readonly activations: number;
  /** Epoch milliseconds since when this process has it. */
  readonly since: number;
}

export function snapshotOf(
  { worker, kind, memoryMb, active }: PoolEntry<ContainerWorker>,
  action: string | undefined,
): ContainerSnapshot {
  const { spec, containerId: id, phase, activations, since } = worker;
  return {
    name: spec.name,
    ...(id !== undefined && { id }),
    state: phase,
    kind,
    ...(action !== undefined && { action }),
    memoryMb,
    active,
    activations,
    since,
  };
}
