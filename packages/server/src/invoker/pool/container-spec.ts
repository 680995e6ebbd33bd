import type { ContainerSpec } from '../../containers/container-factory.ts';
import type { InvokerConfig } from '../invoker-config.ts';
import type { Job } from '../job.ts';
import type { Cell } from './prewarm.ts';

/** What a new container's name and weight are made of. */
export interface Naming {
  readonly invoker: number;
  readonly count: number;
  readonly config: InvokerConfig;
}

/** Only letters, digits and `_`, as OpenWhisk names containers. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9_]/g, '');
}

/** The weight of a container among all: its share of the pool's memory, in 1024ths. */
export function cpuShares(memoryMb: number, userMemoryMb: number): number {
  const containers = Math.max(1, Math.floor(userMemoryMb / memoryMb));
  return Math.max(2, Math.floor(1024 / containers));
}

/** The first count that no name has which an earlier life gave. */
export function firstFreeCount(names: readonly string[]): number {
  const counts = names.map((name) => Number(/^wsk\d+_(\d+)_/.exec(name)?.[1] ?? -1));
  return Math.max(-1, ...counts) + 1;
}

function environment(concurrency: number): ContainerSpec['env'] {
  return concurrency > 1 ? { __OW_ALLOW_CONCURRENT: 'true' } : {};
}

/** The container of an action. */
export function specFor(job: Job, { invoker, count, config }: Naming): ContainerSpec {
  const { exec, limits, name } = job.action.entity;
  const namespace = job.message.user.namespace.name;
  return {
    name: `wsk${invoker}_${count}_${plain(namespace)}_${plain(name)}`,
    kind: exec.kind,
    ...(exec.image !== undefined && { image: exec.image }),
    memoryMb: limits.memory,
    cpuShares: cpuShares(limits.memory, config.userMemoryMb),
    env: environment(limits.concurrency),
  };
}

/** A prewarmed container; it has to serve concurrent actions too where the platform allows them. */
export function specOfCell(cell: Cell, { invoker, count, config }: Naming): ContainerSpec {
  return {
    name: `wsk${invoker}_${count}_prewarm_${plain(cell.kind)}`,
    kind: cell.kind,
    memoryMb: cell.memoryMb,
    cpuShares: cpuShares(cell.memoryMb, config.userMemoryMb),
    env: environment(config.limits.concurrencyLimit.max),
  };
}
