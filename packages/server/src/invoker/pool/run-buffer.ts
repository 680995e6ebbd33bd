import { IntrusiveList, ListNode } from './intrusive-list.ts';

/** Something that waits for a container. */
export interface Waiting {
  readonly key: string;
  readonly memoryMb: number;
}

class Place<J extends Waiting> {
  readonly job: J;
  /** Grows with every arrival: the lower came first. */
  readonly order: number;
  readonly sinceMs: number;
  readonly byKey = new ListNode<Place<J>>(this);
  readonly bySize = new ListNode<Place<J>>(this);

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
 * oldest of all is found by looking at the first of each.
 */
export class RunBuffer<J extends Waiting> {
  readonly #byKey = new Map<string, Queue<J>>();
  readonly #bySize = new Map<number, Queue<J>>();
  #order = 0;
  #length = 0;
  #memoryMb = 0;

  get length(): number {
    return this.#length;
  }

  /** What all that wait would take. */
  get memoryMb(): number {
    return this.#memoryMb;
  }

  add(job: J, nowMs: number): void {
    const place = new Place(job, this.#order++, nowMs);
    queueOf(this.#byKey, job.key).append(place.byKey);
    queueOf(this.#bySize, job.memoryMb).append(place.bySize);
    this.#length += 1;
    this.#memoryMb += job.memoryMb;
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
    const all: J[] = [];
    for (let job = this.takeFitting(Infinity); job; job = this.takeFitting(Infinity)) all.push(job);
    return all;
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
    leave(this.#bySize, job.memoryMb, place.bySize);
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
