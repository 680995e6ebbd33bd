import type { RandomSource } from '../base/random.ts';

/**
 * Whom to probe next: everybody once in a round, in an order that is shuffled anew for each. So a dead one is found within
 * one round at the latest, and no two members go in step.
 */
export class ProbeOrder {
  readonly #random: RandomSource;
  readonly #ids: string[] = [];
  #next = 0;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  get size(): number {
    return this.#ids.length;
  }

  /** At a random place: who comes late is not always the last. */
  add(id: string): void {
    const at = this.#below(this.#ids.length + 1);
    this.#ids.splice(at, 0, id);
    if (at < this.#next) this.#next += 1;
  }

  remove(id: string): void {
    const at = this.#ids.indexOf(id);
    if (at < 0) return;
    this.#ids.splice(at, 1);
    if (at < this.#next) this.#next -= 1;
  }

  next(): string | undefined {
    if (this.#next >= this.#ids.length) {
      this.#shuffle();
      this.#next = 0;
    }
    const id = this.#ids[this.#next];
    this.#next += 1;
    return id;
  }

  /** Up to `count` different ones, without `except`. */
  sample(count: number, except?: string): readonly string[] {
    const chosen = new Set<string>();
    // Most are wanted only of many: trying again is cheaper than a copy.
    for (let tries = count * 4; tries > 0 && chosen.size < count; tries -= 1) {
      const id = this.#ids[this.#below(this.#ids.length)];
      if (id !== undefined && id !== except) chosen.add(id);
    }
    return [...chosen];
  }

  #shuffle(): void {
    const ids = this.#ids;
    for (let last = ids.length - 1; last > 0; last -= 1) {
      const other = this.#below(last + 1);
      const [a, b] = [ids[last], ids[other]];
      if (a === undefined || b === undefined) return;
      ids[last] = b;
      ids[other] = a;
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }
}
