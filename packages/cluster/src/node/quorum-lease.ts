import type { Lease, LeaderLease, LeaseEvent } from '../lease/leader-lease.ts';

/** The lease that a majority of the voters grants; its holder is the leader. */
export class QuorumLease implements LeaderLease {
  readonly #resign: (why: string) => void;
  readonly #listeners = new Set<(event: LeaseEvent) => void>();
  #current: Lease | undefined;
  #isClosed = false;

  constructor(resign: (why: string) => void) {
    this.#resign = resign;
  }

  get current(): Lease | undefined {
    return this.#current;
  }

  isValid(nowMs: number): boolean {
    return this.#current !== undefined && nowMs < this.#current.validUntilMs;
  }

  watch(listener: (event: LeaseEvent) => void): () => void {
    this.#listeners.add(listener);
    if (this.#current) listener({ kind: 'acquired', epoch: this.#current.epoch });
    return () => this.#listeners.delete(listener);
  }

  resign(why: string): void {
    if (!this.#current) return;
    this.renew(undefined, why);
    this.#resign(why);
  }

  close(): Promise<void> {
    this.resign('it was closed');
    this.#isClosed = true;
    return Promise.resolve();
  }

  /** As the core says. */
  renew(lease: Lease | undefined, why: string): void {
    if (this.#isClosed) return;
    const former = this.#current;
    this.#current = lease;
    if (former && former.epoch !== lease?.epoch) this.#tell({ kind: 'lost', epoch: former.epoch, why });
    if (lease && former?.epoch !== lease.epoch) this.#tell({ kind: 'acquired', epoch: lease.epoch });
  }

  #tell(event: LeaseEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
