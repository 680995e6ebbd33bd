import { HeldLease } from '../lease/held-lease.ts';
import type { Lease, LeaderLease, LeaseEvent } from '../lease/leader-lease.ts';

/** The lease that a majority of the voters grants; its holder is the leader. */
export class QuorumLease implements LeaderLease {
  readonly #resign: (why: string) => void;
  readonly #held = new HeldLease();
  #isClosed = false;

  constructor(resign: (why: string) => void) {
    this.#resign = resign;
  }

  get current(): Lease | undefined {
    return this.#held.current;
  }

  isValid(nowMs: number): boolean {
    return this.#held.isValid(nowMs);
  }

  watch(listener: (event: LeaseEvent) => void): () => void {
    return this.#held.watch(listener);
  }

  resign(why: string): void {
    if (!this.current) return;
    this.#held.lose(why);
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
    if (lease && lease.epoch === this.current?.epoch) return this.#held.renew(lease.validUntilMs);
    this.#held.lose(why);
    if (lease) this.#held.acquire(lease);
  }
}
