export interface DemandTimes {
  /** From one REVIVE of a role to the next, at least; default 5,000. Each makes the master look at all agents. */
  readonly reviveIntervalMs: number;
  /** Without any offer for that long while tasks wait, a REVIVE counts as lost and is repeated; default 10,000. */
  readonly repeatReviveMs: number;
  /** The time doubles with each repetition, since the cluster may just be full, up to this; default 300,000. */
  readonly maxRepeatReviveMs: number;
  /** How long a role without work stays open to offers; default 5,000. */
  readonly suppressAfterMs: number;
}

/** What is known and wanted of one role. All times are those of the caller's clock. */
export class RoleDemand {
  readonly #times: DemandTimes;
  #waiting = 0;
  #suppressed = false;
  #suppressedAtMs = -Infinity;
  /** Offers were refused since the last REVIVE: there is something that a REVIVE ends. */
  #refused = false;
  #reviveWanted = false;
  #revivedAtMs = -Infinity;
  /** Since when work waits without a REVIVE or an offer. */
  #silentSinceMs = 0;
  #repeatMs: number;
  #idleSinceMs = 0;

  constructor(times: DemandTimes) {
    this.#times = times;
    this.#repeatMs = times.repeatReviveMs;
  }

  /** The master was told to send nothing. */
  get isSuppressed(): boolean {
    return this.#suppressed;
  }

  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  onSubscribed(suppressed: boolean, nowMs: number): void {
    this.#suppressed = suppressed;
    this.#suppressedAtMs = nowMs;
    this.#refused = true;
    // Another session, perhaps another master: what the old one was told counts no longer.
    this.#revivedAtMs = -Infinity;
    this.#reviveWanted = !this.isIdle;
    this.#silentSinceMs = nowMs;
    this.#repeatMs = this.#times.repeatReviveMs;
    this.#idleSinceMs = nowMs;
  }

  wants(waiting: number, nowMs: number): void {
    const before = this.#waiting;
    this.#waiting = waiting;
    if (waiting === 0) {
      this.#reviveWanted = false;
      if (before > 0) this.#idleSinceMs = nowMs;
    } else if (waiting > before) {
      if (this.#suppressed || this.#refused) this.#reviveWanted = true;
      if (before === 0) this.#silentSinceMs = nowMs;
      this.#repeatMs = this.#times.repeatReviveMs;
    }
  }

  offered(nowMs: number): void {
    this.#silentSinceMs = nowMs;
    this.#repeatMs = this.#times.repeatReviveMs;
    // Offers can cross a SUPPRESS on its way; later ones show that it was lost.
    if (this.#suppressed && nowMs >= this.#suppressedAtMs + this.#times.reviveIntervalMs)
      this.#suppressed = false;
  }

  /** An offer is refused; does work wait? */
  refuse(): boolean {
    this.#refused = true;
    return !this.isIdle;
  }

  get dueAtMs(): number | undefined {
    if (this.isIdle) return this.#suppressed ? undefined : this.#idleSinceMs + this.#times.suppressAfterMs;
    const wantedAtMs = this.#reviveWanted ? -Infinity : this.#silentSinceMs + this.#repeatMs;
    return Math.max(wantedAtMs, this.#revivedAtMs + this.#times.reviveIntervalMs);
  }

  /** What is to be told to the master now; the answer counts as told. */
  due(nowMs: number): 'revive' | 'suppress' | undefined {
    const dueAtMs = this.dueAtMs;
    if (dueAtMs === undefined || nowMs < dueAtMs) return undefined;
    if (this.isIdle) {
      this.#suppressed = true;
      this.#suppressedAtMs = nowMs;
      return 'suppress';
    }
    if (!this.#reviveWanted) this.#repeatMs = Math.min(this.#repeatMs * 2, this.#times.maxRepeatReviveMs);
    this.#suppressed = false;
    this.#refused = false;
    this.#reviveWanted = false;
    this.#revivedAtMs = nowMs;
    this.#silentSinceMs = nowMs;
    return 'revive';
  }
}
