import type { Lease, LeaseEvent } from './leader-lease.ts';

type Listener = (event: LeaseEvent) => void;

/**
 * What all leases have in common: the current one, and listeners that are told of each acquisition and of its end, once
 * each, in this order, also when one of them resigns while it is being told.
 */
export class HeldLease {
  readonly #listeners = new Set<Listener>();
  readonly #untold: { readonly event: LeaseEvent; readonly listeners: readonly Listener[] }[] = [];
  #current: Lease | undefined;
  #isTelling = false;

  get current(): Lease | undefined {
    return this.#current;
  }

  isValid(nowMs: number): boolean {
    return this.#current !== undefined && nowMs < this.#current.validUntilMs;
  }

  watch(listener: Listener): () => void {
    // A function of its own for each call: one that is given twice is told twice, and ended one by one.
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    if (this.#current) this.#tell({ kind: 'acquired', epoch: this.#current.epoch }, [own]);
    return () => this.#listeners.delete(own);
  }

  acquire(lease: Lease): void {
    this.#current = lease;
    this.#tell({ kind: 'acquired', epoch: lease.epoch }, [...this.#listeners]);
  }

  renew(validUntilMs: number): void {
    if (this.#current && validUntilMs > this.#current.validUntilMs) {
      this.#current = { epoch: this.#current.epoch, validUntilMs };
    }
  }

  /** Nothing where none is held. */
  lose(why: string): void {
    if (!this.#current) return;
    const { epoch } = this.#current;
    this.#current = undefined;
    this.#tell({ kind: 'lost', epoch, why }, [...this.#listeners]);
  }

  #tell(event: LeaseEvent, listeners: readonly Listener[]): void {
    this.#untold.push({ event, listeners });
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#untold.shift(); next; next = this.#untold.shift()) {
        for (const listener of next.listeners) if (this.#listeners.has(listener)) listener(next.event);
      }
    } finally {
      this.#isTelling = false;
    }
  }
}
