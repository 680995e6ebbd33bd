/** How many activations of one namespace are on their way. */
export interface NamespaceCount {
  inFlight: number;
}

const FIRST_SWEEP_AT = 1024;

/** In-flight activations by namespace. Idle namespaces are forgotten when many have gathered. */
export class InFlightCounts {
  readonly #counts = new Map<string, NamespaceCount>();
  #sweepAt = FIRST_SWEEP_AT;

  /** Counts one in; what it returns is for {@link leave}. */
  enter(namespaceUuid: string): NamespaceCount {
    let count = this.#counts.get(namespaceUuid);
    if (!count) {
      if (this.#counts.size >= this.#sweepAt) this.#sweep();
      count = { inFlight: 0 };
      this.#counts.set(namespaceUuid, count);
    }
    count.inFlight += 1;
    return count;
  }

  leave(count: NamespaceCount): void {
    count.inFlight -= 1;
  }

  of(namespaceUuid: string): number {
    return this.#counts.get(namespaceUuid)?.inFlight ?? 0;
  }

  /** Namespaces that are remembered. */
  get size(): number {
    return this.#counts.size;
  }

  #sweep(): void {
    for (const [uuid, count] of this.#counts) {
      if (count.inFlight === 0) this.#counts.delete(uuid);
    }
    this.#sweepAt = Math.max(FIRST_SWEEP_AT, this.#counts.size * 2);
  }
}
