/** Appends with entries that may be under way to one participant. */
const IN_FLIGHT_MOST = 4;

/**
 * What the leader knows of one participant. It probes (one append at a time) until it has found where the logs are
 * equal, then sends ahead of the answers; whoever is behind all that the log has gets a snapshot.
 */
export class Progress {
  #match = 0;
  #next: number;
  #mode: 'probe' | 'pipeline' | 'snapshot' = 'probe';
  /** The last indices of the appends that are under way. */
  #inFlight: number[] = [];
  #isProbing = false;
  #snapshotSentMs = -Infinity;
  /** The newest round that it has answered. */
  answeredRound = 0;
  answeredMs = -Infinity;
  /** What it was told of last. */
  toldCommitted = -1;

  constructor(next: number) {
    this.#next = next;
  }

  /** The last index that it has on disk, equal to ours. */
  get match(): number {
    return this.#match;
  }

  /** The first index that it was not sent. */
  get next(): number {
    return this.#next;
  }

  /** It has all that it was sent, as far as we know. */
  get isFollowing(): boolean {
    return this.#mode === 'pipeline';
  }

  get canTake(): boolean {
    if (this.#mode === 'pipeline') return this.#inFlight.length < IN_FLIGHT_MOST;
    return this.#mode === 'probe' && !this.#isProbing;
  }

  sent(last: number): void {
    if (this.#mode === 'probe') {
      this.#isProbing = true;
      return;
    }
    this.#inFlight.push(last);
    this.#next = last + 1;
  }

  sentSnapshot(index: number, nowMs: number): void {
    this.#mode = 'snapshot';
    this.#inFlight = [];
    this.#next = index + 1;
    this.#snapshotSentMs = nowMs;
  }

  accepted(match: number): void {
    this.#match = Math.max(this.#match, match);
    this.#inFlight = this.#inFlight.filter((last) => last > this.#match);
    // A snapshot is there when it is on disk.
    if (this.#mode === 'snapshot' && this.#match < this.#next - 1) return;
    this.#mode = 'pipeline';
    this.#isProbing = false;
    this.#next = Math.max(this.#next, this.#match + 1);
  }

  /** `hint`: where it could be equal. A snapshot that is under way is given `patienceMs` before it is sent again. */
  refused(
    hint: number,
    { nowMs, patienceMs }: { readonly nowMs: number; readonly patienceMs: number },
  ): void {
    if (this.#mode === 'snapshot' && nowMs - this.#snapshotSentMs < patienceMs) return;
    // Always back, so that refusals come to an end; never behind what is proven.
    const next = Math.max(this.#match + 1, Math.min(hint + 1, this.#next - 1));
    // Late, or doubled. If what was sent from there is lost, the next heartbeat finds out.
    if (next >= this.#next) return;
    this.#mode = 'probe';
    this.#isProbing = false;
    this.#inFlight = [];
    this.#next = next;
  }
}
