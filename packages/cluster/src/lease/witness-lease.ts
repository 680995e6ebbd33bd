import { systemClock, type Clock, type Timer } from '../base/clock.ts';
import type { Member } from '../membership/member.ts';
import { HeldLease } from './held-lease.ts';
import { isFirst, isSeen, isVacant, lossByReport } from './judge-witness.ts';
import type { Lease, LeaderLease, LeaseEvent } from './leader-lease.ts';
import type { LeaseWitness, WitnessReport } from './lease-witness.ts';

export interface WitnessLeaseOptions {
  /** Of gossip. */
  readonly membership: { readonly selfId: string; members(): readonly Member[] };
  readonly witness: LeaseWitness;
  readonly clock?: Clock;
  /** How often the witness is asked; default 1,000. */
  readonly pollMs?: number;
  /** How long an answer may take; default 2,000. */
  readonly timeoutMs?: number;
  /**
   * How long the witness must have seen nobody, answer after answer, before the lease is taken; default 5,000. At least
   * a quarter longer than `leaseMs`: a holder that is cut off has lost its lease before another one takes it.
   */
  readonly marginMs?: number;
  /** How long it is good after the witness has seen this instance connected, or was asked before it was taken; default 4,000. */
  readonly leaseMs?: number;
}

/** Clocks may be a tenth too fast and too slow. */
const MOST_LEASE = 0.8;

/**
 * For two instances, which can't be a majority of each other: the one with the lowest id of those that gossip finds alive
 * leads, once a witness has seen nobody act for a while. Its epoch is one more than the highest that the witness has seen.
 *
 *     const lease = new WitnessLease({ membership: { selfId: cluster.id, members: () => cluster.members() }, witness });
 *
 * Limits: when both take each other for dead before the witness has seen either of them, both take it, even with the same
 * epoch. The witness then sees one of them, and the other one stands down at its next answer. Until then two think that
 * they lead, so what they do must pass somebody who lets only one act: Mesos does, by the stream id of the subscription.
 * What one has sent before it was cut off may reach the witness late, and take it back to an epoch that was over: then both
 * stand down, and one leads anew after the margin.
 * Where gossip and witness disagree for long it may flap. Nobody leads while the witness still sees one that is cut off or
 * stopped, nor while the one with the lowest id is alive in gossip and can't reach the witness. Three instances with a
 * quorum have none of this.
 */
export class WitnessLease implements LeaderLease {
  readonly #membership: WitnessLeaseOptions['membership'];
  readonly #witness: LeaseWitness;
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #timeoutMs: number;
  readonly #marginMs: number;
  readonly #leaseMs: number;
  readonly #held = new HeldLease();
  #lastEpoch = 0;
  #vacantSinceMs: number | undefined;
  #vacantLastMs = -Infinity;
  #vacantBegun: string | undefined;
  #poll: Timer | undefined;
  #expiry: Timer | undefined;
  #isClosed = false;

  /** Throws a RangeError for times by which two could lead at once. */
  constructor(options: WitnessLeaseOptions) {
    this.#membership = options.membership;
    this.#witness = options.witness;
    this.#clock = options.clock ?? systemClock;
    this.#pollMs = options.pollMs ?? 1_000;
    this.#timeoutMs = options.timeoutMs ?? 2_000;
    this.#marginMs = options.marginMs ?? 5_000;
    this.#leaseMs = options.leaseMs ?? 4_000;
    if (!(this.#leaseMs <= MOST_LEASE * this.#marginMs))
      throw new RangeError(
        `leaseMs (${this.#leaseMs}) is more than ${MOST_LEASE} of marginMs (${this.#marginMs}): another one could lead before it ends. Shorten the lease, or lengthen the margin.`,
      );
    this.#ask();
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
    this.#vacantSinceMs = undefined;
    this.#lose(why);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#poll?.cancel();
    this.#lose('it was closed');
    return Promise.resolve();
  }

  /** Asks, and once there is an answer, or none in time, asks again later. */
  #ask(): void {
    const askedMs = this.#clock.monotonicMs();
    let isSettled = false;
    const settle = (report: WitnessReport | undefined) => {
      if (isSettled || this.#isClosed) return;
      isSettled = true;
      late.cancel();
      this.#poll = this.#clock.after(this.#pollMs, () => this.#ask());
      this.#onReport(report, askedMs);
    };
    const late = this.#clock.after(this.#timeoutMs, () => settle(undefined));
    this.#observe().then(settle, () => settle(undefined));
  }

  async #observe(): Promise<WitnessReport> {
    return this.#witness.observe();
  }

  /**
   * When it was so is not known but that it was between the question and the answer: what lets this one act counts from the
   * question, what lets it take the place of another one from the answer.
   */
  #onReport(report: WitnessReport | undefined, askedMs: number): void {
    this.#lastEpoch = Math.max(report?.epoch ?? 0, this.#lastEpoch);
    if (!report) this.#vacantSinceMs = undefined;
    else if (this.#held.current) this.#keep(report, askedMs, this.#held.current.epoch);
    else this.#want(report, askedMs);
  }

  #keep(report: WitnessReport, askedMs: number, epoch: number): void {
    const why = lossByReport(report, { self: this.#membership.selfId, epoch });
    if (why !== undefined) return this.#lose(why);
    // Else whoever waits counts from the last time that this one was seen, too, and waits for longer.
    if (!isSeen(report, this.#membership.selfId)) return;
    this.#held.renew(askedMs + this.#leaseMs);
    this.#expireLater();
  }

  #want(report: WitnessReport, askedMs: number): void {
    const { selfId } = this.#membership;
    if (!isVacant(report, selfId) || !isFirst(this.#membership.members(), selfId)) {
      this.#vacantSinceMs = undefined;
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    // A process that was stopped has seen nothing in between, and one that was not doesn't see who came and went.
    const isGap = askedMs - this.#vacantLastMs > 2 * (this.#pollMs + this.#timeoutMs);
    const isOther = report.begun !== this.#vacantBegun;
    if (isGap || isOther || this.#vacantSinceMs === undefined) this.#vacantSinceMs = nowMs;
    this.#vacantBegun = report.begun;
    this.#vacantLastMs = askedMs;
    const validUntilMs = askedMs + this.#leaseMs;
    if (askedMs - this.#vacantSinceMs < this.#marginMs || nowMs >= validUntilMs) return;
    this.#lastEpoch += 1;
    this.#held.acquire({ epoch: this.#lastEpoch, validUntilMs });
    this.#expireLater();
  }

  #expireLater(): void {
    this.#expiry?.cancel();
    const { current } = this.#held;
    if (!current) return;
    const leftMs = current.validUntilMs - this.#clock.monotonicMs();
    const seconds = this.#leaseMs / 1000;
    this.#expiry = this.#clock.after(leftMs, () =>
      this.#lose(`the witness has not shown this instance connected for ${seconds} s`),
    );
  }

  #lose(why: string): void {
    this.#expiry?.cancel();
    this.#vacantSinceMs = undefined;
    this.#held.lose(why);
  }
}
