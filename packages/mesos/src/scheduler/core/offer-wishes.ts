/** `UPDATE_FRAMEWORK` came with 1.9, offer constraints with 1.11. Filters are older than both. */
const UPDATE_SINCE = 9;
const CONSTRAINTS_SINCE = 11;

/** What the master was told about which offers are of use. */
export class OfferWishes {
  /** Tasks have waited long: useless offers are worth a call. */
  isWanted = false;
  /** The wishes that were sent last, as text; empty: none. */
  told = '';
  /** The master has accepted some, and not their withdrawal. */
  areInForce = false;
  /** What the queue looked like when they were last thought over. */
  atShapes = -1;
  #minor = 0;
  #isRefused = false;

  get canTell(): boolean {
    return this.#minor >= UPDATE_SINCE && !this.#isRefused;
  }

  get canConstrain(): boolean {
    return this.#minor >= CONSTRAINTS_SINCE;
  }

  /** A master of this version (`1.12.0`); unknown ones are told nothing. */
  meet(version: string | undefined): void {
    const [, minor] = /^1\.(\d+)\./.exec(version ?? '') ?? [];
    this.#minor = Number(minor ?? 0);
  }

  /** This master won't have them. */
  refuse(): void {
    this.#isRefused = true;
  }

  /** Another subscription: nothing is in force. */
  forget(): void {
    this.isWanted = false;
    this.told = '';
    this.areInForce = false;
    this.atShapes = -1;
    this.#isRefused = false;
  }
}
