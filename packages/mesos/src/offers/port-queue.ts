import type { RangesResource, WireRange } from '../wire/index.ts';
import { countPorts, type UsablePorts } from './read-offer.ts';

/** Ports of one entry of an offer, dealt out from the lowest; blocked ones are dropped when their turn comes. */
export class PortQueue {
  /** An upper bound: blocked ports count until they are dropped. */
  left: number;
  readonly #resource: RangesResource;
  readonly #isBlocked: (port: number) => boolean;
  readonly #ranges: readonly WireRange[];
  #range = 0;
  /** The next port of the current range that was not looked at. */
  #next: number;
  /** Looked at, not blocked, not dealt out. */
  #ready: number[] = [];

  constructor(ports: UsablePorts, isBlocked: (port: number) => boolean) {
    this.#resource = ports.resource;
    this.#isBlocked = isBlocked;
    this.#ranges = ports.ranges;
    this.#next = this.#ranges[0]?.begin ?? 0;
    this.left = countPorts(this.#ranges);
  }

  /** Looks ahead until `count` ports are known to be good, or all that are left; returns how many were dropped. */
  lookAhead(count: number): number {
    let dropped = 0;
    while (this.#ready.length < count) {
      const range = this.#ranges[this.#range];
      if (range === undefined) break;
      if (this.#next > range.end) {
        this.#range += 1;
        this.#next = this.#ranges[this.#range]?.begin ?? 0;
      } else {
        if (this.#isBlocked(this.#next)) dropped += 1;
        else this.#ready.push(this.#next);
        this.#next += 1;
      }
    }
    this.left -= dropped;
    return dropped;
  }

  /** Deals out at most `count` of those that were looked at. */
  take(count: number): readonly number[] {
    const taken = this.#ready.splice(0, count);
    this.left -= taken.length;
    return taken;
  }

  /** The entry's own words for some of its ports. */
  resourceOf(ports: readonly number[]): RangesResource {
    const range: { begin: number; end: number }[] = [];
    for (const port of ports) {
      const last = range.at(-1);
      if (last?.end === port - 1) last.end = port;
      else range.push({ begin: port, end: port });
    }
    return { ...this.#resource, ranges: { range } };
  }
}
