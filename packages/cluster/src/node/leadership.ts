import type { WallMoment } from '../base/moment.ts';
import type { RaftStatus } from '../consensus/raft-core.ts';
import type { Lease } from '../lease/leader-lease.ts';
import type { LeaderChange } from './cluster-view.ts';

const REMEMBERED = 20;

/** Who leads, as this instance knows it, and how that has changed. */
export class Leadership {
  readonly #changes: LeaderChange[] = [];
  #leader: { readonly id: string; readonly epoch: number; readonly since: number } | undefined;
  /** The last leader, and when it was last known to lead. */
  #former: { readonly id: string; lastMs: number } | undefined;
  #lease: Lease | undefined;

  get leader(): { readonly id: string; readonly epoch: number; readonly since: number } | undefined {
    return this.#leader;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  get changes(): readonly LeaderChange[] {
    return this.#changes;
  }

  set lease(lease: Lease | undefined) {
    this.#lease = lease;
  }

  /** A sign of life of the present leader. */
  heard({ nowMs }: WallMoment): void {
    if (this.#former) this.#former.lastMs = nowMs;
  }

  /** Consensus has reached a term whose leader, another than `self`, it hasn't heard yet: gossip was faster. */
  isAheadOf({ leader, role, term }: Pick<RaftStatus, 'leader' | 'role' | 'term'>, self: string): boolean {
    if (leader !== undefined || role === 'candidate') return false;
    return this.#leader?.epoch === term && this.#leader.id !== self;
  }

  /** True when this is news. `id` undefined: nobody is known to lead. */
  see(moment: WallMoment, id: string | undefined, epoch: number): boolean {
    if (id === this.#leader?.id && (id === undefined || epoch === this.#leader?.epoch)) return false;
    if (id === undefined) {
      this.#leader = undefined;
      return true;
    }
    const former = this.#former;
    this.#changes.push({
      epoch,
      leader: id,
      at: moment.epochMs,
      ...(former && { former: former.id, tookMs: Math.round(moment.nowMs - former.lastMs) }),
    });
    if (this.#changes.length > REMEMBERED) this.#changes.shift();
    this.#leader = { id, epoch, since: moment.epochMs };
    this.#former = { id, lastMs: moment.nowMs };
    return true;
  }
}
