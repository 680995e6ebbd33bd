import { addressText, type Address } from './member.ts';
import type { SwimParts } from './swim-parts.ts';

/** In probe intervals: how often one that knows nobody asks the seeds, at first and at last. */
const FIRST_ASK = 2;
const LAST_ASK = 20;
/** How often all that is known is compared with one member, and with one that is lost, so that halves find each other. */
const FIRST_COMPARE = 6;
const COMPARE = 60;
const SEEK = 20;

/** Finds others: by seeds while alone, and by comparing notes with one of them at times. */
export class Meeting {
  readonly #parts: SwimParts;
  #first: readonly Address[] = [];
  #later: readonly Address[] = [];
  #askEveryMs: number;
  #askAtMs = Number.POSITIVE_INFINITY;
  #compareAtMs = Number.POSITIVE_INFINITY;
  #seekAtMs = Number.POSITIVE_INFINITY;
  #introduceAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: SwimParts) {
    this.#parts = parts;
    this.#askEveryMs = parts.options.probeMs * FIRST_ASK;
  }

  start(nowMs: number, seeds: readonly Address[]): void {
    const { probeMs } = this.#parts.options;
    this.#first = seeds;
    this.#askAtMs = nowMs;
    // Of those that begin together nobody has heard all yet.
    this.#compareAtMs = nowMs + this.#about(probeMs * FIRST_COMPARE);
    this.#seekAtMs = nowMs + this.#about(probeMs * SEEK);
  }

  /** They replace the ones before, but for those of the start. */
  seeds(nowMs: number, seeds: readonly Address[]): void {
    const known = new Set(this.#seeds().map(addressText));
    this.#later = seeds;
    if (seeds.every((seed) => known.has(addressText(seed)))) return;
    this.#askEveryMs = this.#parts.options.probeMs * FIRST_ASK;
    this.#askAtMs = nowMs;
  }

  /** It may have been away for long: others hold it dead, and it doesn't know who is. */
  afterPause(nowMs: number): void {
    this.#compareAtMs = nowMs;
  }

  /** Somebody of whom nothing is known but that it speaks. */
  stranger(nowMs: number, at: Address): void {
    if (nowMs < this.#introduceAtMs) return;
    this.#introduceAtMs = nowMs + this.#parts.options.probeTimeoutMs;
    this.#join(at);
  }

  get nextDeadlineMs(): number {
    if (this.#isAlone) return this.#seeds().length > 0 ? this.#askAtMs : Number.POSITIVE_INFINITY;
    return Math.min(this.#compareAtMs, this.#seekAtMs);
  }

  tick(nowMs: number): void {
    if (this.#isAlone) return this.#askSeeds(nowMs);
    const { book, options } = this.#parts;
    this.#askEveryMs = options.probeMs * FIRST_ASK;
    if (nowMs >= this.#compareAtMs) {
      this.#compareAtMs = nowMs + this.#about(options.probeMs * COMPARE);
      for (const id of book.others.sample(1)) this.#join(book.get(id)?.address);
    }
    if (nowMs >= this.#seekAtMs) {
      this.#seekAtMs = nowMs + this.#about(options.probeMs * SEEK);
      this.#join(this.#oneOf([...this.#lost().values()]));
    }
  }

  get #isAlone(): boolean {
    return this.#parts.book.others.size === 0;
  }

  #askSeeds(nowMs: number): void {
    if (nowMs < this.#askAtMs) return;
    const { probeMs } = this.#parts.options;
    this.#askAtMs = nowMs + this.#about(this.#askEveryMs);
    this.#askEveryMs = Math.min(this.#askEveryMs * 1.5, probeMs * LAST_ASK);
    for (const address of this.#lost().values()) this.#join(address);
  }

  /** Where somebody was, or should be, and nobody is known to be now. */
  #lost(): ReadonlyMap<string, Address> {
    const { book } = this.#parts;
    const dead = [...book.all()].filter(({ state }) => state === 'dead').map(({ address }) => address);
    const lost = [...this.#seeds(), ...dead].filter((address) => book.livingAt(address).length === 0);
    const byText = new Map(lost.map((address) => [addressText(address), address]));
    byText.delete(addressText(book.self.address));
    return byText;
  }

  #seeds(): readonly Address[] {
    return [...this.#first, ...this.#later];
  }

  #join(to: Address | undefined): void {
    const { book, send } = this.#parts;
    if (to) send(to, { kind: 'join', self: book.self });
  }

  #oneOf<T>(values: readonly T[]): T | undefined {
    return values[Math.floor(this.#parts.random.next() * values.length)];
  }

  #about(ms: number): number {
    return ms * (0.75 + this.#parts.random.next() / 2);
  }
}
