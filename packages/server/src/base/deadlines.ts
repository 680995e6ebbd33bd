import type { Clock } from './clock.ts';

/** A place in {@link Deadlines}; made by `add`, given back to `remove`. */
export interface Deadline<T> {
  readonly subject: T;
  readonly dueMs: number;
  /** @internal */
  list: DeadlineList<T> | undefined;
  /** @internal */
  previous: Deadline<T> | undefined;
  /** @internal */
  next: Deadline<T> | undefined;
}

/** Deadlines of one duration: they fall due in the order in which they were added, so only the first needs a timer. */
interface DeadlineList<T> {
  readonly durationMs: number;
  first: Deadline<T> | undefined;
  last: Deadline<T> | undefined;
  armed: boolean;
}

/**
 * Many deadlines of few durations, most of which never fall due: adding and removing one links and unlinks an object
 * and touches no timer.
 *
 *     const waits = Deadlines.open<Flight>(clock, (flight) => flight.expire());
 *     const deadline = waits.add(60_000, flight);
 *     waits.remove(deadline);
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #expire: (subject: T) => void;
  readonly #lists = new Map<number, DeadlineList<T>>();
  #closed = false;

  private constructor(clock: Clock, expire: (subject: T) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  static open<T>(clock: Clock, expire: (subject: T) => void): Deadlines<T> {
    return new Deadlines(clock, expire);
  }

  /** `expire` is called with the subject after `durationMs`, unless it is removed before. */
  add(durationMs: number, subject: T): Deadline<T> {
    let list = this.#lists.get(durationMs);
    if (!list) {
      list = { durationMs, first: undefined, last: undefined, armed: false };
      this.#lists.set(durationMs, list);
    }
    const dueMs = this.#clock.monotonicMs() + durationMs;
    const deadline: Deadline<T> = { subject, dueMs, list, previous: list.last, next: undefined };
    if (list.last) list.last.next = deadline;
    else list.first = deadline;
    list.last = deadline;
    if (!list.armed) this.#arm(list, durationMs);
    return deadline;
  }

  /** Forgets the deadline; one that fell due or was removed is ignored. */
  remove(deadline: Deadline<T>): void {
    const list = deadline.list;
    if (!list) return;
    deadline.list = undefined;
    if (deadline.previous) deadline.previous.next = deadline.next;
    else list.first = deadline.next;
    if (deadline.next) deadline.next.previous = deadline.previous;
    else list.last = deadline.previous;
    deadline.previous = undefined;
    deadline.next = undefined;
  }

  /** Nothing falls due any more. */
  close(): void {
    this.#closed = true;
    this.#lists.clear();
  }

  /** The timer stays armed while the list empties and fills: it looks again when it fires. */
  #arm(list: DeadlineList<T>, delayMs: number): void {
    list.armed = true;
    this.#clock.after(delayMs, () => this.#fire(list));
  }

  #fire(list: DeadlineList<T>): void {
    if (this.#closed) return;
    const now = this.#clock.monotonicMs();
    for (let first = list.first; first && first.dueMs <= now; first = list.first) {
      this.remove(first);
      this.#expire(first.subject);
    }
    if (this.#closed) return;
    // At least one millisecond: a timer that fires a fraction early must not spin.
    if (list.first) this.#arm(list, Math.max(1, Math.ceil(list.first.dueMs - now)));
    else this.#lists.delete(list.durationMs);
  }
}
