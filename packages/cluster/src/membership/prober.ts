import { addressText, type Address, type Member } from './member.ts';
import { isLive } from './member-state.ts';
import type { SwimParts } from './swim-parts.ts';

interface Probe {
  readonly number: number;
  readonly target: Member;
  readonly indirectAtMs: number;
  readonly endMs: number;
  hasAskedOthers: boolean;
  isAnswered: boolean;
}

/** A probe for another member, which could not reach the target itself. */
interface Errand {
  readonly for: Address;
  readonly probe: number;
  readonly target: string;
  readonly at: Address;
  readonly untilMs: number;
}

/** An answer to a probe. `from`: who gives it; `sender`: who has sent the packet, perhaps for that one. */
export interface Answer {
  readonly probe: number;
  readonly from: string;
  readonly sender: string;
  readonly address: Address;
}

/** An instance whose probes fail in a row, with so many members, gives others that many times as long at most. */
const MOST_PATIENCE = 4;

/** Of others at a time; a flood of requests, recorded and repeated, is not worth more. */
const MOST_ERRANDS = 256;

/** Suspects that are pinged besides, in each interval, so that they hear of it. */
const MOST_REMINDERS = 3;

/** Probes one member after the other, with the help of others where it can't, and probes for them. */
export class Prober {
  readonly #parts: SwimParts;
  readonly #errands = new Map<number, Errand>();
  /** Since the last answer of anybody. */
  readonly #silent = new Set<string>();
  #lastNumber: number;
  #probe: Probe | undefined;
  #nextMs = Number.POSITIVE_INFINITY;

  constructor(parts: SwimParts) {
    this.#parts = parts;
    this.#lastNumber = Math.floor(parts.random.next() * 2 ** 31);
  }

  /** The first probe comes at a random time: members that begin together don't go in step. */
  start(nowMs: number): void {
    this.#nextMs = nowMs + this.#parts.random.next() * this.#parts.options.probeMs;
  }

  get nextDeadlineMs(): number {
    const probe = this.#probe;
    if (!probe) return this.#nextMs;
    return probe.isAnswered || probe.hasAskedOthers ? probe.endMs : probe.indirectAtMs;
  }

  tick(nowMs: number): void {
    const probe = this.#probe;
    if (probe && !probe.isAnswered && !probe.hasAskedOthers && nowMs >= probe.indirectAtMs)
      this.#askOthers(probe);
    if (nowMs < (probe?.endMs ?? this.#nextMs)) return;
    if (probe && !probe.isAnswered) this.#failed(nowMs, probe.target.id);
    this.#begin(nowMs);
  }

  /** Answers that came meanwhile are yet to be read: what was asked before counts for nothing. */
  afterPause(nowMs: number): void {
    this.#probe = undefined;
    this.#nextMs = nowMs + this.#parts.options.probeMs;
  }

  asked(nowMs: number, errand: Omit<Errand, 'untilMs'>): void {
    if (this.#errands.size >= MOST_ERRANDS) return;
    const { options, send } = this.#parts;
    const probe = this.#number();
    this.#errands.set(probe, { ...errand, untilMs: nowMs + options.probeMs * MOST_PATIENCE });
    send(errand.at, { kind: 'ping', probe, to: errand.target }, errand.target);
  }

  answered(nowMs: number, answer: Answer): void {
    const probe = this.#probe;
    if (probe?.number === answer.probe) {
      this.#heard();
      probe.isAnswered = true;
      this.#checkWho(nowMs, probe.target.id, answer);
    }
    const errand = this.#errands.get(answer.probe);
    if (!errand) return;
    this.#errands.delete(answer.probe);
    if (errand.target === answer.from)
      this.#parts.send(errand.for, { kind: 'ack', probe: errand.probe, from: answer.from });
    else this.#checkWho(nowMs, errand.target, answer);
  }

  /** Another instance answers where the target was: that one has ended. */
  #checkWho(nowMs: number, target: string, { address, from, sender }: Answer): void {
    const at = this.#parts.book.get(target)?.address;
    if (from === target || from !== sender || !at) return;
    if (addressText(at) === addressText(address)) this.#parts.book.occupied(nowMs, address, from);
  }

  #begin(nowMs: number): void {
    const { book, options, send } = this.#parts;
    for (const [number, { untilMs }] of this.#errands) if (untilMs <= nowMs) this.#errands.delete(number);
    this.#probe = undefined;
    this.#nextMs = nowMs + options.probeMs * book.patience;
    this.#remindSuspects();
    const id = book.others.next();
    const target = id === undefined ? undefined : book.get(id);
    if (!target) return;
    const number = this.#number();
    this.#probe = {
      number,
      target,
      indirectAtMs: nowMs + options.probeTimeoutMs * book.patience,
      endMs: this.#nextMs,
      hasAskedOthers: false,
      isAnswered: false,
    };
    send(target.address, { kind: 'ping', probe: number, to: target.id }, target.id);
  }

  #askOthers(probe: Probe): void {
    const { book, options, send } = this.#parts;
    probe.hasAskedOthers = true;
    const { address: at, id: target } = probe.target;
    // Once more by itself: most silence is one lost datagram.
    send(at, { kind: 'ping', probe: probe.number, to: target }, target);
    for (const id of book.others.sample(options.indirect, target)) {
      const other = book.get(id);
      if (other) send(other.address, { kind: 'ping-request', probe: probe.number, target, at });
    }
  }

  #failed(nowMs: number, id: string): void {
    const { book } = this.#parts;
    const target = book.get(id);
    if (!target || !isLive(target)) return;
    this.#silent.add(id);
    book.patience = Math.min(this.#silent.size, MOST_PATIENCE);
    book.suspect(nowMs, id);
  }

  #heard(): void {
    this.#silent.clear();
    this.#parts.book.patience = 1;
  }

  /** A suspect that hears of it can contradict; its answer to the probe alone would not end the suspicion. */
  #remindSuspects(): void {
    const { book, send } = this.#parts;
    for (const id of book.ownSuspects().slice(0, MOST_REMINDERS)) {
      const suspect = book.get(id);
      if (suspect) send(suspect.address, { kind: 'ping', probe: this.#number(), to: id }, id);
    }
  }

  #number(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }
}
