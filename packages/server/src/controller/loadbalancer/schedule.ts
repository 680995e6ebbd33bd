/** What an activation needs of an invoker. One object serves all activations of an action in a namespace. */
export interface Need {
  /** See `placementHash`. */
  readonly hash: number;
  readonly memoryMb: number;
  /** How many activations of the action share a container. */
  readonly concurrency: number;
  /** `ns[/pkg]/action@version`: whose containers may be shared. */
  readonly actionKey: string;
  /** Runs in the user's own image: has invokers of its own. */
  readonly blackbox: boolean;
}

/** A run of consecutive invokers among which a choice is made. */
export interface InvokerPool {
  readonly from: number;
  readonly size: number;
  /** See `stepSizes(size)`. */
  readonly steps: readonly number[];
}

/** What is known of the invokers at the moment of a choice. */
export interface FreeCapacity {
  /** Is the invoker usable, and has it a place for this? */
  grants(invoker: number, need: Need): boolean;
  /** The first usable invoker in `from … to - 1` with that much free memory; -1 when there is none. */
  firstWith(from: number, needMb: number, to: number): number;
  /** The first usable invoker in `from … to - 1`, full or not; -1 when there is none. */
  firstUsable(from: number, to: number): number;
}

/** No invoker can be chosen. */
export const NONE = -1;

/**
 * How far the walk by steps goes. Up to this many invokers the walk is OpenWhisk's own; in larger pools an action whose
 * first choices are all full takes the next invoker from an index instead of trying thousands.
 */
const MAX_PROBES = 32;

/** The invoker with room for this: its home, or the next on its walk. {@link NONE} when all are full. */
export function schedule(need: Need, pool: InvokerPool, capacity: FreeCapacity): number {
  const { from, size, steps } = pool;
  if (size === 0) return NONE;
  const home = need.hash % size;
  const step = steps[need.hash % steps.length] ?? 1;
  const probes = Math.min(size, MAX_PROBES);
  let at = home;
  for (let probe = 0; probe < probes; probe++) {
    if (capacity.grants(from + at, need)) return from + at;
    at = (at + step) % size;
  }
  if (size <= MAX_PROBES) return NONE;
  const behind = capacity.firstWith(from + home, need.memoryMb, from + size);
  return behind !== NONE ? behind : capacity.firstWith(from, need.memoryMb, from + home);
}

/** Any usable invoker, for when all are full; `draw` is in [0, 1). {@link NONE} when none is usable. */
export function scheduleOverloaded(pool: InvokerPool, capacity: FreeCapacity, draw: number): number {
  const { from, size } = pool;
  if (size === 0) return NONE;
  const start = from + Math.floor(draw * size);
  const behind = capacity.firstUsable(start, from + size);
  return behind !== NONE ? behind : capacity.firstUsable(from, start);
}
