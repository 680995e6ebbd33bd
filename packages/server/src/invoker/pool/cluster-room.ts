import type { PoolEntry } from './free-containers.ts';

export interface ClusterRoomDeps<W> {
  /** The least recently used container in which nothing runs. */
  readonly oldestIdle: () => PoolEntry<W> | undefined;
  readonly anyPrewarmed: () => PoolEntry<W> | undefined;
  readonly removeIdle: (entry: PoolEntry<W>) => void;
  readonly removePrewarmed: (entry: PoolEntry<W>) => void;
}

/**
 * The pool's part in a cluster that has less room than the pool's memory: where a container that an activation waits for
 * fits nowhere, containers in which nothing runs give way, as many as have its memory at each word of the factory, and if
 * there are not so many, the next that become idle.
 */
export class ClusterRoom<W> {
  readonly #deps: ClusterRoomDeps<W>;
  /** Containers that fit nowhere yet, with the megabytes that have still to give way to each. */
  readonly #owed = new Map<PoolEntry<W>, number>();
  /**
   * Stem cells that are being made, and whether they fit nowhere yet: nobody waits for them, and they would take the room
   * that others leave.
   */
  readonly #startingCells = new Map<PoolEntry<W>, boolean>();

  private constructor(deps: ClusterRoomDeps<W>) {
    this.#deps = deps;
  }

  static open<W>(deps: ClusterRoomDeps<W>): ClusterRoom<W> {
    return new ClusterRoom(deps);
  }

  /** Somebody waits for room: it is not to be spent on stem cells. */
  get isShort(): boolean {
    return this.#owed.size > 0;
  }

  cellBegan(cell: PoolEntry<W>): void {
    this.#startingCells.set(cell, false);
  }

  /** An activation waits for it now. */
  cellTaken(cell: PoolEntry<W>): void {
    const isLacking = this.#startingCells.get(cell);
    this.#startingCells.delete(cell);
    if (isLacking === true) this.lacks(cell);
  }

  /** The factory has no room for this container now. */
  lacks(entry: PoolEntry<W>): void {
    if (this.#startingCells.has(entry)) {
      this.#startingCells.set(entry, true);
      return;
    }
    this.#owed.set(entry, entry.memoryMb);
    for (const cell of this.#startingCells.keys()) {
      this.#startingCells.delete(cell);
      this.#deps.removePrewarmed(cell);
    }
    this.#give();
  }

  /** The container has started, or never will; true when it was the last for which there was no room. */
  settled(entry: PoolEntry<W>): boolean {
    this.#startingCells.delete(entry);
    return this.#owed.delete(entry) && this.#owed.size === 0;
  }

  /** A container has become idle. */
  noteIdle(): void {
    if (this.#owed.size > 0) this.#give();
  }

  #give(): void {
    for (const [entry, mb] of this.#owed) {
      const leftMb = this.#giveTo(mb);
      this.#owed.set(entry, leftMb);
      if (leftMb > 0) return;
    }
  }

  /** Gives the megabytes for which there was nothing to remove. */
  #giveTo(memoryMb: number): number {
    const { oldestIdle, anyPrewarmed, removeIdle, removePrewarmed } = this.#deps;
    let leftMb = memoryMb;
    while (leftMb > 0) {
      const idle = oldestIdle();
      const victim = idle ?? anyPrewarmed();
      if (!victim) return leftMb;
      if (idle) removeIdle(idle);
      else removePrewarmed(victim);
      leftMb -= victim.memoryMb;
    }
    return 0;
  }
}
