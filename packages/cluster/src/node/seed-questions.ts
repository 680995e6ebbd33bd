import type { Moment } from '../base/moment.ts';
import type { ClusterTiming } from './cluster-options.ts';

/** While somebody is dead, the source is asked more often: it may know whether that one comes back. */
const SOONER = 6;

/** When the seed source is asked: often until there is a cluster, rarely after that. One question at a time. */
export class SeedQuestions {
  readonly #timing: ClusterTiming;
  #isAsking = false;
  #askedAtMs: number | undefined;
  #nextMs: number | undefined;

  constructor(timing: ClusterTiming) {
    this.#timing = timing;
  }

  get nextDeadlineMs(): number | undefined {
    return this.#isAsking ? undefined : this.#nextMs;
  }

  answered(): void {
    this.#isAsking = false;
  }

  /** True: ask now. */
  isDue(
    { nowMs }: Moment,
    { isFounded, isSomebodyDead }: { readonly isFounded: boolean; readonly isSomebodyDead: boolean },
  ): boolean {
    const { seedsFoundingMs, seedsLaterMs } = this.#timing;
    const waitMs = !isFounded ? seedsFoundingMs : isSomebodyDead ? seedsLaterMs / SOONER : seedsLaterMs;
    this.#nextMs = this.#askedAtMs === undefined ? nowMs : this.#askedAtMs + waitMs;
    if (this.#isAsking || nowMs < this.#nextMs) return false;
    this.#isAsking = true;
    this.#askedAtMs = nowMs;
    return true;
  }
}
