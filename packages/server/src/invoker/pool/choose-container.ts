import type { PoolEntry } from './free-containers.ts';

/** What an activation needs of its container. */
export interface Need {
  /** Action (with its definition) and namespace: only a container of exactly this key is warm for it. */
  readonly key: string;
  /** Kind and memory, as prewarmed containers are filed. */
  readonly prewarmKey: string;
  readonly memoryMb: number;
  /** One that is there already won't do. */
  readonly needsNew?: boolean;
  /** Containers that its key may have at a time; undefined: as many as there is memory for. */
  readonly maxContainers?: number | undefined;
}

/** What the decision looks at; `FreeContainers` answers each in constant time. */
export interface PoolView<W> {
  warm(key: string): PoolEntry<W> | undefined;
  /** Containers of the key. */
  boundTo(key: string): number;
  prewarmed(key: string): PoolEntry<W> | undefined;
  readonly idleMemoryMb: number;
  /** Least recently used first. */
  readonly oldest: PoolEntry<W> | undefined;
  after(entry: PoolEntry<W>): PoolEntry<W> | undefined;
}

export type Choice<W> =
  | { readonly use: 'warm'; readonly entry: PoolEntry<W> }
  | { readonly use: 'prewarmed'; readonly entry: PoolEntry<W> }
  | { readonly use: 'cold'; readonly evict: readonly PoolEntry<W>[] }
  /** For memory. */
  | { readonly use: 'wait' }
  /** For one of its own containers: no memory would help. */
  | { readonly use: 'wait-for-own' };

const nothing: readonly never[] = [];
const cold = { use: 'cold', evict: nothing } as const;
const wait = { use: 'wait' } as const;
const waitForOwn = { use: 'wait-for-own' } as const;

/** Has its action as many containers as it may have? */
export function isAtLimit(view: Pick<PoolView<unknown>, 'boundTo'>, need: Need): boolean {
  return need.maxContainers !== undefined && view.boundTo(need.key) >= need.maxContainers;
}

/**
 * Which container an activation runs in: warm, else prewarmed, else a new one where memory allows, if need be after
 * evicting idle ones (least recently used first, no more than it takes), else it waits. With as many containers as its
 * action may have it waits for one of those.
 *
 * `freeMb` is the memory that no container has and nobody has reserved.
 */
export function chooseContainer<W>(view: PoolView<W>, need: Need, freeMb: number): Choice<W> {
  if (need.needsNew !== true) {
    const warm = view.warm(need.key);
    if (warm) return { use: 'warm', entry: warm };
    if (isAtLimit(view, need)) return waitForOwn;
    const prewarmed = view.prewarmed(need.prewarmKey);
    if (prewarmed) return { use: 'prewarmed', entry: prewarmed };
  }
  if (need.memoryMb <= freeMb) return cold;
  if (need.memoryMb > freeMb + view.idleMemoryMb) return wait;
  const evict: PoolEntry<W>[] = [];
  let gained = freeMb;
  for (let entry = view.oldest; entry && gained < need.memoryMb; entry = view.after(entry)) {
    evict.push(entry);
    gained += entry.memoryMb;
  }
  return { use: 'cold', evict };
}
