import type { Moment } from '../base/moment.ts';
import type { RaftStatus } from '../consensus/raft-core.ts';

/** How an instance goes: when others have taken over what they need of it, or its time is up. */
export class Departure {
  #leaving: { readonly untilMs: number; readonly forGood: boolean } | undefined;
  #isOver = false;

  get isBegun(): boolean {
    return this.#leaving !== undefined && !this.#isOver;
  }

  get isForGood(): boolean {
    return this.#leaving?.forGood ?? false;
  }

  get nextDeadlineMs(): number | undefined {
    return this.#isOver ? undefined : this.#leaving?.untilMs;
  }

  begin({ atMs, forGood, withinMs }: { atMs: number; forGood: boolean; withinMs: number }): void {
    this.#leaving ??= { untilMs: atMs + withinMs, forGood };
  }

  /** True once. */
  isOver(
    { nowMs }: Moment,
    { raft, self }: { readonly raft: RaftStatus | undefined; readonly self: string },
  ): boolean {
    if (!this.#leaving || this.#isOver) return false;
    this.#isOver = nowMs >= this.#leaving.untilMs || this.#isDispensable(raft, self);
    return this.#isOver;
  }

  #isDispensable(raft: RaftStatus | undefined, self: string): boolean {
    if (!raft) return true;
    const { learners, voters } = raft.configuration;
    const isOnlyVoter = voters.every(({ id }) => id === self);
    // A learner can take its vote, if it goes for good.
    if (isOnlyVoter && (learners.length === 0 || !this.isForGood)) return true;
    if (raft.role === 'leader') return false;
    return !this.isForGood || voters.every(({ id }) => id !== self);
  }
}
