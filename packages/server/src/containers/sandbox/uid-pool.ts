/** Users for sandboxes when the platform is root: each has one of its own, so that none can touch another's. */
export interface UidRange {
  readonly first: number;
  readonly count: number;
}

/** Above what distributions, systemd and subordinate uids hand out. */
export const defaultUidRange: UidRange = { first: 1_900_000_000, count: 65_536 };

/**
 * The wanted range, or, where this user namespace maps none of it (a rootless container engine), the upper half of
 * the largest that it maps. Undefined: there are no users to give.
 * @param uidMap `/proc/self/uid_map`
 */
export function usableUidRange(uidMap: string, wanted: UidRange): UidRange | undefined {
  const mapped = uidMap
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([first = 0, , count = 0]) => ({ first, count }));
  const holds = (range: UidRange) =>
    mapped.some(({ first, count }) => range.first >= first && range.first + range.count <= first + count);
  if (holds(wanted)) return wanted;
  const largest = mapped.reduce((best, range) => (range.count > best.count ? range : best), {
    first: 0,
    count: 0,
  });
  const half = Math.floor(largest.count / 2);
  return half < 16 ? undefined : { first: largest.first + half, count: Math.min(half - 1, wanted.count) };
}

export class UidPool {
  readonly #range: UidRange;
  readonly #taken = new Set<number>();
  #next = 0;

  constructor(range: UidRange) {
    this.#range = range;
  }

  /** In turn, so that a uid rests as long as possible before someone else gets it. */
  take(): number {
    for (let tried = 0; tried < this.#range.count; tried++) {
      const uid = this.#range.first + this.#next;
      this.#next = (this.#next + 1) % this.#range.count;
      if (!this.#taken.has(uid)) {
        this.#taken.add(uid);
        return uid;
      }
    }
    throw new Error(`all ${this.#range.count} users for sandboxes are in use`);
  }

  giveBack(uid: number): void {
    this.#taken.delete(uid);
  }
}
