import { IntrusiveList, ListNode } from './intrusive-list.ts';

/** Something that waits for a container. */
export interface Waiting {
  readonly key: string;
  readonly memoryMb: number;
}

class Place<J extends Waiting> {
  readonly job: J;
  /** Grows with every arrival: the lower came first. */
  order: number;
  sinceMs: number;
  readonly byKey = new ListNode<Place<J>>(this);
  /** Among those of its size; while it is parked, among those of its action that are. */
  readonly bySize = new ListNode<Place<J>>(this);
  isParked = false;

  constructor(job: J, order: number, sinceMs: number) {
    this.job = job;
    this.order = order;
    this.sinceMs = sinceMs;
  }
}

type Queue<J extends Waiting> = IntrusiveList<Place<J>>;

/**
 * Activations that wait for a container, filed by action (a freed container takes the next of its own) and by size
 * (freed memory goes to the oldest that fits: a big one blocks no smaller ones). The sizes in use are few, so the
 * oldest of all is found by looking at the first of each. Those that wait for a container of their own action, whatever
 * memory there is, are filed by action only.
 */
export class RunBuffer<J extends Waiting> {
  readonly #byKey = new Map<string, Queue<J>>();
  readonly #bySize = new Map<number, Queue<J>>();
  readonly #parked = new Map<string, Queue<J>>();
  #order = 0;
  #length = 0;
  #memoryMb = 0;

  get length(): number {
    return this.#length;
  }

  /** Those whom memory would help. */
  get waitsForMemory(): boolean {
    return this.#bySize.size > 0;
  }

  /** What all that wait would take. */
  get memoryMb(): number {
    return this.#memoryMb;
  }

  add(job: J, nowMs: number): void {
    queueOf(this.#bySize, job.memoryMb).append(this.#enter(job, nowMs).bySize);
  }

  /** Lets it wait for a container of its own action alone. */
  park(job: J, nowMs: number): void {
    const place = this.#enter(job, nowMs);
    place.isParked = true;
    queueOf(this.#parked, job.key).append(place.bySize);
  }

  /** The action has a container less: the first of those that wait for one of its own now waits for memory. */
  unpark(key: string, nowMs: number): void {
    const place = this.#parked.get(key)?.first?.value;
    if (!place) return;
    leave(this.#parked, key, place.bySize);
    place.isParked = false;
    place.order = this.#order++;
    place.sinceMs = nowMs;
    queueOf(this.#bySize, place.job.memoryMb).append(place.bySize);
  }

  /** Takes the first that waits for a container of this key. */
  takeFor(key: string): J | undefined {
    const place = this.#byKey.get(key)?.first?.value;
    return place && this.#take(place);
  }

  /** Takes the oldest that needs no more than this. */
  takeFitting(memoryMb: number): J | undefined {
    const place = this.#oldest(memoryMb);
    return place && this.#take(place);
  }

  /** The one that has waited longest, and since when. */
  oldest(): { readonly job: J; readonly sinceMs: number } | undefined {
    return this.#oldest(Infinity);
  }

  hasFor(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Takes all, oldest first. */
  drain(): J[] {
    const all: Place<J>[] = [];
    for (const queue of this.#byKey.values()) {
      for (let node = queue.first; node; node = node.next) all.push(node.value);
    }
    return all.sort((one, other) => one.order - other.order).map((place) => this.#take(place));
  }

  #enter(job: J, nowMs: number): Place<J> {
    const place = new Place(job, this.#order++, nowMs);
    queueOf(this.#byKey, job.key).append(place.byKey);
    this.#length += 1;
    this.#memoryMb += job.memoryMb;
    return place;
  }

  #oldest(memoryMb: number): Place<J> | undefined {
    let oldest: Place<J> | undefined;
    for (const [size, queue] of this.#bySize) {
      const first = queue.first?.value;
      if (first && size <= memoryMb && (!oldest || first.order < oldest.order)) oldest = first;
    }
    return oldest;
  }

  #take(place: Place<J>): J {
    const { job } = place;
    leave(this.#byKey, job.key, place.byKey);
    if (place.isParked) leave(this.#parked, job.key, place.bySize);
    else leave(this.#bySize, job.memoryMb, place.bySize);
    this.#length -= 1;
    this.#memoryMb -= job.memoryMb;
    return job;
  }
}

function queueOf<K, J extends Waiting>(queues: Map<K, Queue<J>>, key: K): Queue<J> {
  let queue = queues.get(key);
  if (!queue) queues.set(key, (queue = new IntrusiveList()));
  return queue;
}

function leave<K, J extends Waiting>(queues: Map<K, Queue<J>>, key: K, node: ListNode<Place<J>>): void {
  const queue = queues.get(key);
  queue?.remove(node);
  if (queue?.length === 0) queues.delete(key);
}
