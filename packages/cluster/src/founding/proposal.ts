import type { Participant } from '../consensus/raft-messages.ts';
import type { FoundingPromise } from '../storage/consensus-storage.ts';
import type { Foundation } from './foundation.ts';

type Accepted = NonNullable<FoundingPromise['accepted']>;

export interface ProposalTerms {
  readonly ballot: string;
  readonly endsMs: number;
  readonly epochFloor: number;
  /** Those who were there when it began, in the order of their ids. */
  readonly present: readonly Participant[];
  /** How many of them must promise, and then accept. */
  readonly quorum: number;
}

/** One attempt to found: a ballot, and who has answered it. */
export class Proposal {
  readonly terms: ProposalTerms;
  readonly #promised = new Set<string>();
  readonly #accepted = new Set<string>();
  #highest: Accepted | undefined;
  #value: Foundation | undefined;

  constructor(terms: ProposalTerms) {
    this.terms = terms;
  }

  /** Chosen once a majority has promised. */
  get value(): Foundation | undefined {
    return this.#value;
  }

  hasPromised(id: string): boolean {
    return this.#promised.has(id);
  }

  hasAccepted(id: string): boolean {
    return this.#accepted.has(id);
  }

  get isDecided(): boolean {
    return this.#accepted.size >= this.terms.quorum;
  }

  /** Says whether it was this promise that made a majority. */
  promised(id: string, accepted: Accepted | undefined): boolean {
    if (this.#value) return false;
    this.#promised.add(id);
    if (accepted && accepted.ballot > (this.#highest?.ballot ?? '')) this.#highest = accepted;
    return this.#promised.size >= this.terms.quorum;
  }

  /** What may have been decided already must be proposed again; only where nothing can have been is it `anew`. */
  choose(anew: () => Foundation): Foundation {
    this.#value = this.#highest?.foundation ?? anew();
    return this.#value;
  }

  accepted(id: string): void {
    if (this.#value) this.#accepted.add(id);
  }
}
