import { IntrusiveList, ListNode } from './intrusive-list.ts';

/** What the pool keeps of a container; `W` is whoever drives it. */
export class PoolEntry<W> {
  readonly worker: W;
  readonly kind: string;
  readonly memoryMb: number;
  /** Action and namespace that own it; undefined while it is prewarmed. */
  key: string | undefined;
  /** Activations that it may run at a time. */
  capacity = 1;
  active = 0;
  /** It takes no more activations, and is removed when the last has ended. */
  isLeaving = false;
  /** Monotonic milliseconds since when nothing runs in it. */
  idleSinceMs = 0;
  /** Place among those of its key that have capacity, or among the prewarmed of its kind. */
  readonly byKey: ListNode<PoolEntry<W>> = new ListNode<PoolEntry<W>>(this);
  /** Place among the idle ones, least recently used first. */
  readonly byAge: ListNode<PoolEntry<W>> = new ListNode<PoolEntry<W>>(this);

  constructor(worker: W, kind: string, memoryMb: number) {
    this.worker = worker;
    this.kind = kind;
    this.memoryMb = memoryMb;
  }
}

/** Under what prewarmed containers are filed: they fit by exact kind and memory. */
export function prewarmKey(kind: string, memoryMb: number): string {
  return `${kind}/${memoryMb}`;
}

interface Group<W> {
  readonly free: IntrusiveList<PoolEntry<W>>;
  /** Containers of the key, busy ones too: at 0 the group goes. */
  bound: number;
}

/**
 * The index over the pool's containers from which {@link chooseContainer} decides: whatever it asks costs the same
 * at ten thousand containers as at one.
 */
export class FreeContainers<W> {
  readonly #groups = new Map<string, Group<W>>();
  readonly #prewarmed = new Map<string, IntrusiveList<PoolEntry<W>>>();
  /** Idle and not yet paused; those in `#paused` are all older. */
  readonly #idle = new IntrusiveList<PoolEntry<W>>();
  readonly #paused = new IntrusiveList<PoolEntry<W>>();
  #idleMemoryMb = 0;
  #prewarmedMemoryMb = 0;
  #prewarmedCount = 0;

  /** Memory of the containers in which nothing runs, prewarmed ones apart. */
  get idleMemoryMb(): number {
    return this.#idleMemoryMb;
  }

  get idleCount(): number {
    return this.#idle.length + this.#paused.length;
  }

  get prewarmedMemoryMb(): number {
    return this.#prewarmedMemoryMb;
  }

  get prewarmedCount(): number {
    return this.#prewarmedCount;
  }

  /** The most recently used container of the key that can take one more activation. */
  warm(key: string): PoolEntry<W> | undefined {
    return this.#groups.get(key)?.free.last?.value;
  }

  /** Containers of the key, busy ones and those that are about to end too. */
  boundTo(key: string): number {
    return this.#groups.get(key)?.bound ?? 0;
  }

  /** The prewarmed container of that kind and memory that has waited longest: the likeliest to be up. */
  prewarmed(key: string): PoolEntry<W> | undefined {
    return this.#prewarmed.get(key)?.first?.value;
  }

  /** The least recently used container in which nothing runs. */
  get oldest(): PoolEntry<W> | undefined {
    return (this.#paused.first ?? this.#idle.first)?.value;
  }

  /** The one after `entry` in that order. */
  after(entry: PoolEntry<W>): PoolEntry<W> | undefined {
    const node = entry.byAge;
    if (node.next) return node.next.value;
    return node.list === this.#paused ? this.#idle.first?.value : undefined;
  }

  /** The longest idle container that is not paused. */
  get oldestAwake(): PoolEntry<W> | undefined {
    return this.#idle.first?.value;
  }

  get oldestPaused(): PoolEntry<W> | undefined {
    return this.#paused.first?.value;
  }

  /** Any prewarmed container, oldest of its kind first. */
  anyPrewarmed(): PoolEntry<W> | undefined {
    for (const cells of this.#prewarmed.values()) return cells.first?.value;
    return undefined;
  }

  addPrewarmed(entry: PoolEntry<W>): void {
    const key = prewarmKey(entry.kind, entry.memoryMb);
    let cells = this.#prewarmed.get(key);
    if (!cells) this.#prewarmed.set(key, (cells = new IntrusiveList()));
    cells.append(entry.byKey);
    this.#prewarmedMemoryMb += entry.memoryMb;
    this.#prewarmedCount += 1;
  }

  /** Gives a container to an action of a namespace, for good, and counts its first activation. */
  bind(entry: PoolEntry<W>, key: string, capacity: number): void {
    if (entry.key !== undefined)
      throw new Error('A container belongs to one action of one namespace for good');
    this.#takePrewarmed(entry);
    entry.key = key;
    entry.capacity = capacity;
    const group = this.#groups.get(key);
    if (group) group.bound += 1;
    else this.#groups.set(key, { free: new IntrusiveList(), bound: 1 });
    entry.active = 1;
    if (capacity > 1) this.#groups.get(key)?.free.append(entry.byKey);
  }

  /** Counts one more activation. */
  acquire(entry: PoolEntry<W>): void {
    if (entry.active === 0) this.#leaveIdle(entry);
    entry.active += 1;
    if (entry.active === entry.capacity) entry.byKey.list?.remove(entry.byKey);
  }

  /** Counts one activation less. */
  release(entry: PoolEntry<W>, nowMs: number): void {
    entry.active -= 1;
    if (entry.byKey.list === undefined) this.#groups.get(entry.key as string)?.free.append(entry.byKey);
    if (entry.active > 0) return;
    entry.idleSinceMs = nowMs;
    this.#idle.append(entry.byAge);
    this.#idleMemoryMb += entry.memoryMb;
  }

  /** Moves an idle container to the paused ones; they keep their order. */
  notePaused(entry: PoolEntry<W>): void {
    if (entry.byAge.list !== this.#idle) return;
    this.#idle.remove(entry.byAge);
    this.#paused.append(entry.byAge);
  }

  /** Takes a container out of every list: it will get no more activations. It counts until it is forgotten. */
  remove(entry: PoolEntry<W>): void {
    this.#leaveIdle(entry);
    this.#takePrewarmed(entry);
    entry.byKey.list?.remove(entry.byKey);
  }

  /** As {@link remove}, for one that ends now; once for each. */
  forget(entry: PoolEntry<W>): void {
    this.remove(entry);
    if (entry.key === undefined) return;
    const group = this.#groups.get(entry.key);
    if (group && (group.bound -= 1) === 0) this.#groups.delete(entry.key);
  }

  #leaveIdle(entry: PoolEntry<W>): void {
    if (entry.byAge.list === undefined) return;
    entry.byAge.list.remove(entry.byAge);
    this.#idleMemoryMb -= entry.memoryMb;
  }

  #takePrewarmed(entry: PoolEntry<W>): void {
    if (entry.key !== undefined || entry.byKey.list === undefined) return;
    const cells = entry.byKey.list;
    cells.remove(entry.byKey);
    this.#prewarmedMemoryMb -= entry.memoryMb;
    this.#prewarmedCount -= 1;
    if (cells.length === 0) this.#prewarmed.delete(prewarmKey(entry.kind, entry.memoryMb));
  }
}
