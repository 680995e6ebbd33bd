import type { MasterUrl } from '../transport/transport.ts';

/** Why a master was no use: it didn't answer, it is none, it may be none, or it can't for the moment. */
export type MasterFault = 'unreachable' | 'alien' | 'perhaps-alien' | 'unready';

/**
 * One pass over the masters that were found, each tried once. Redirects are followed in between, but not in circles,
 * not for ever, and not to a leader that has just been found dead: for some seconds after a leader's death the other
 * masters still send everybody to it.
 */
export class MasterRound {
  readonly #candidates: MasterUrl[];
  readonly #maxRedirects: number;
  readonly #chain = new Set<MasterUrl>();
  readonly #dead = new Set<MasterUrl>();
  readonly #failures: { readonly text: string; readonly fault: MasterFault }[] = [];
  #current: MasterUrl | undefined;

  constructor(masters: readonly MasterUrl[], maxRedirects: number) {
    this.#candidates = [...new Set(masters)];
    this.#maxRedirects = maxRedirects;
  }

  /** The next master to ask; undefined when all have been asked. */
  next(): MasterUrl | undefined {
    this.#chain.clear();
    do this.#current = this.#candidates.shift();
    while (this.#current !== undefined && this.#dead.has(this.#current));
    if (this.#current !== undefined) this.#chain.add(this.#current);
    return this.#current;
  }

  /** The leader to ask, or why there is no point in it. */
  follow(leader: MasterUrl): { readonly master: MasterUrl } | { readonly problem: string } {
    if (leader === this.#current) return { problem: 'it redirects to itself' };
    if (this.#chain.has(leader)) return { problem: `it redirects in a circle, to ${leader}` };
    if (this.#dead.has(leader)) return { problem: `it redirects to ${leader}, which does not answer` };
    if (this.#chain.size > this.#maxRedirects)
      return { problem: `more than ${this.#maxRedirects} redirects` };
    this.#current = leader;
    this.#chain.add(leader);
    return { master: leader };
  }

  failed(fault: MasterFault, problem: string): void {
    if (fault === 'unreachable' && this.#current !== undefined) this.#dead.add(this.#current);
    const current = this.#current ?? '';
    const text = problem.includes(current) ? problem : `${current}: ${problem}`;
    this.#failures.push({ fault, text });
  }

  /** Everything that was asked is surely no master (`yes`), or looks like none (`perhaps`). */
  get isAlien(): 'yes' | 'perhaps' | 'no' {
    const faults = this.#failures.map(({ fault }) => fault);
    if (faults.length === 0) return 'no';
    if (faults.every((fault) => fault === 'alien')) return 'yes';
    return faults.every((fault) => fault === 'alien' || fault === 'perhaps-alien') ? 'perhaps' : 'no';
  }

  /** What was wrong with each. */
  get problems(): string {
    const [only, ...others] = this.#failures.map(({ text }) => text);
    return others.length === 0
      ? (only ?? '')
      : [only, ...others].map((text) => text?.replace(/\.$/, '')).join('; ');
  }
}
