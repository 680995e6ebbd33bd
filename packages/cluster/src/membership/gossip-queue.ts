/** Each piece of news is sent so many times, times the logarithm of the number of members. */
const TIMES = 4;

/** About whom there is news to tell, those told least often first; who was told often enough is dropped. */
export class GossipQueue {
  /** By how often they were told. */
  readonly #levels: Set<string>[] = [];
  readonly #levelOf = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#levelOf.size === 0;
  }

  /** Something new about this member: it is told from the beginning. */
  add(id: string): void {
    this.drop(id);
    this.#put(id, 0);
  }

  drop(id: string): void {
    const level = this.#levelOf.get(id);
    if (level === undefined) return;
    this.#levels[level]?.delete(id);
    this.#levelOf.delete(id);
  }

  *ids(): Generator<string> {
    for (const level of this.#levels) yield* level;
  }

  /** These were told once more, to one of so many members. */
  told(ids: Iterable<string>, members: number): void {
    const limit = TIMES * Math.ceil(Math.log10(members + 1));
    for (const id of ids) {
      const level = this.#levelOf.get(id);
      if (level === undefined) continue;
      this.drop(id);
      if (level + 1 < limit) this.#put(id, level + 1);
    }
  }

  #put(id: string, level: number): void {
    while (this.#levels.length <= level) this.#levels.push(new Set());
    this.#levels[level]?.add(id);
    this.#levelOf.set(id, level);
  }
}
