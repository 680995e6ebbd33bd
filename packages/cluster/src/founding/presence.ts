import type { Participant } from '../consensus/raft-messages.ts';
import { addressText, type Address } from '../membership/member.ts';

interface Peer {
  readonly participant: Participant;
  readonly heardMs: number;
  /** How many there are to be, as it thinks; 0: it doesn't know. */
  readonly instances: number;
}

/** Of how many questions in a row one may stay unanswered without its being gone. */
const ANSWERS_WITHIN = 5;

/** Who is there: those who answer, whatever the seed source lists at the moment. */
export class Presence {
  readonly #self: Participant;
  readonly #retryMs: number;
  readonly #peers = new Map<string, Peer>();
  /** Who have asked, by address; nobody knows yet whether they hear this instance. */
  readonly #callers = new Map<string, { readonly address: Address; readonly heardMs: number }>();
  #seeds: readonly Address[] = [];
  #set = '';
  #stableSinceMs = 0;

  constructor(self: Participant, retryMs: number) {
    this.#self = self;
    this.#retryMs = retryMs;
  }

  start(nowMs: number): void {
    this.#set = this.#self.id;
    this.#stableSinceMs = nowMs;
  }

  /** Says whether the list names somebody new. */
  listed(seeds: readonly Address[]): boolean {
    const known = new Set(this.addresses().map(addressText));
    this.#seeds = seeds;
    return this.addresses().some((address) => !known.has(addressText(address)));
  }

  /** It has asked: it may be one that no list names. */
  called(nowMs: number, address: Address): void {
    this.#callers.set(addressText(address), { address, heardMs: nowMs });
  }

  /** It has answered. Another one that was at its address has ended. */
  heard(nowMs: number, participant: Participant, instances: number): void {
    const at = addressText(participant.address);
    for (const [id, peer] of this.#peers) {
      if (id !== participant.id && addressText(peer.participant.address) === at) this.#peers.delete(id);
    }
    this.#peers.set(participant.id, { participant, heardMs: nowMs, instances });
  }

  /** Drops those who don't answer any more. Another set than before has to prove itself anew. */
  review(nowMs: number): void {
    const sinceMs = nowMs - this.#retryMs * ANSWERS_WITHIN;
    for (const [id, { heardMs }] of this.#peers) if (heardMs < sinceMs) this.#peers.delete(id);
    for (const [at, { heardMs }] of this.#callers) if (heardMs < sinceMs) this.#callers.delete(at);
    const set = this.ids().join('\n');
    if (set === this.#set) return;
    this.#set = set;
    this.#stableSinceMs = nowMs;
  }

  /** Whom to ask: the seeds, and those who have asked or answered, though they are listed no more. */
  addresses(): readonly Address[] {
    const peers = [...this.#peers.values()].map(({ participant }) => participant.address);
    const callers = [...this.#callers.values()].map(({ address }) => address);
    const all = [...this.#seeds, ...peers, ...callers];
    const byText = new Map(all.map((address) => [addressText(address), address]));
    byText.delete(addressText(this.#self.address));
    return [...byText.values()];
  }

  /** Those who answer, this instance included, in the order of their ids. */
  participants(): readonly Participant[] {
    const peers = [...this.#peers.values()].map(({ participant }) => participant);
    return [this.#self, ...peers].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  ids(): readonly string[] {
    return this.participants().map(({ id }) => id);
  }

  /** What the others think how many there are to be. */
  instances(): readonly number[] {
    return [...this.#peers.values()].map(({ instances }) => instances).filter((instances) => instances > 0);
  }

  get count(): number {
    return this.#peers.size + 1;
  }

  /** Since when it is the same ones. */
  get stableSinceMs(): number {
    return this.#stableSinceMs;
  }
}
