import type { Moment } from '../base/moment.ts';
import type { RandomSource } from '../base/random.ts';
import type { Participant } from '../consensus/raft-messages.ts';
import type { Address } from '../membership/member.ts';
import type { FoundingPromise, StorageChange } from '../storage/consensus-storage.ts';
import { judge } from './acceptor.ts';
import { ballotNumber, ballotOf, isWithinReach } from './ballot.ts';
import { chooseVoters } from './choose-voters.ts';
import { explainWaiting } from './explain-waiting.ts';
import type { Foundation } from './foundation.ts';
import type { FoundingEffect, FoundingInput, FoundingMessage, Problem } from './founding-messages.ts';
import { ListedCount } from './listed-count.ts';
import { Presence } from './presence.ts';
import { Proposal } from './proposal.ts';

export interface FoundingSetup {
  readonly self: Participant;
  /** How many there are to be; default: what the seed source says. */
  readonly instances?: number;
  readonly maxVoters: number;
  /** In milliseconds: how long the same ones must answer before one proposes, and how often each is asked. */
  readonly options: { readonly marginMs: number; readonly retryMs: number };
  /** What was on disk at the start. */
  readonly stored: { readonly foundation?: Foundation; readonly promise?: FoundingPromise };
  readonly random: RandomSource;
  /** For a cluster's id: never the same twice. */
  readonly newId: () => string;
}

type Received = Extract<FoundingInput, { readonly type: 'received' }>;

/** What is done when a write, and all before it, are on disk. */
type Afterwards =
  | { readonly kind: 'answer'; readonly to: Address; readonly message: FoundingMessage }
  | { readonly kind: 'self-promised' | 'self-accepted'; readonly ballot: string }
  | { readonly kind: 'founded'; readonly foundation: Foundation; readonly joined: boolean };

/** In intervals between questions: how long an attempt may take, and the highest epoch may be looked for. */
const ATTEMPT = 4;
const ASKING = 20;
/** Nothing is said of who doesn't answer before so many questions. */
const PATIENCE = 5;
/** The terms of consensus are counted on from there, and every participant must be able to say them. */
const HIGHEST_FLOOR = 2 ** 52;
/** In margins: nothing is said of who comes and goes before. */
const UNSTABLE = 4;

/**
 * How an instance comes to belong to a cluster: it joins the first one that it hears of; when there is none, those who are
 * there decide on a foundation, by one decision after Paxos. Whatever the network does, and whoever crashes, no two
 * foundations are decided, as long as those who have promised something keep their disks.
 */
export class FoundingCore {
  readonly #setup: FoundingSetup;
  readonly #presence: Presence;
  readonly #listedCount = new ListedCount();
  readonly #writes = new Map<number, Afterwards[]>();
  #lastWrite = 0;
  #effects: FoundingEffect[] = [];
  #nowMs = 0;
  #startedMs: number | undefined;
  #helloAtMs = Number.POSITIVE_INFINITY;
  #seeds: readonly Address[] | undefined;
  #seedError: Error | undefined;
  #listedInstances: number | undefined;
  #hasMetItself = false;
  #enoughSinceMs: number | undefined;
  #promise: FoundingPromise | undefined;
  #highestNumber = 0;
  #proposal: Proposal | undefined;
  /** Until then an answer about the epochs is waited for. */
  #askingUntilMs: number | undefined;
  #notBeforeMs = 0;
  #foundation: Foundation | undefined;
  #isSettled = false;
  #hasFailed = false;
  #told: string | undefined;

  constructor(setup: FoundingSetup) {
    this.#setup = setup;
    this.#presence = new Presence(setup.self, setup.options.retryMs);
    this.#promise = setup.stored.promise;
    this.#foundation = setup.stored.foundation;
    this.#isSettled = setup.stored.foundation !== undefined;
  }

  /** Of the cluster to which this instance belongs; it is on disk. */
  get foundation(): Foundation | undefined {
    return this.#foundation;
  }

  /** Takes an input, `start` first, and returns what is to be done, in order. Each `persist` must be answered. */
  step({ nowMs }: Moment, input: FoundingInput): readonly FoundingEffect[] {
    this.#nowMs = nowMs;
    this.#effects = [];
    if (this.#hasFailed) return [];
    this.#take(input);
    if (this.#startedMs !== undefined && !this.#isSettled && !this.#hasFailed) this.#goOn(this.#startedMs);
    return this.#effects;
  }

  /** When it wants a `tick`; none after the foundation. */
  get nextDeadlineMs(): number | undefined {
    if (this.#isSettled || this.#hasFailed || this.#startedMs === undefined) return undefined;
    return Math.min(
      this.#helloAtMs,
      this.#proposal?.terms.endsMs ?? this.#askingUntilMs ?? this.#proposeAtMs ?? Number.POSITIVE_INFINITY,
    );
  }

  #take(input: FoundingInput): void {
    switch (input.type) {
      case 'start':
        return this.#start();
      case 'seeds':
        this.#listedCount.add(input.isCounted ? input.seeds.length : undefined);
        return this.#listed(input.seeds, input.instances);
      case 'no-seeds':
        this.#seedError = input.error;
        return;
      case 'received':
        return this.#receive(input);
      case 'epoch-floor':
        return this.#floorKnown(input.floor);
      case 'persisted':
        return this.#persisted(input.write, input.error);
      case 'tick':
        return;
    }
  }

  #start(): void {
    if (this.#foundation) {
      this.#effects.push({ type: 'founded', foundation: this.#foundation, joined: true });
      return;
    }
    this.#startedMs = this.#nowMs;
    this.#helloAtMs = this.#nowMs;
    this.#presence.start(this.#nowMs);
  }

  #listed(seeds: readonly Address[], instances: number | undefined): void {
    this.#seeds = seeds;
    this.#seedError = undefined;
    if (instances !== undefined) this.#listedInstances = instances;
    if (this.#presence.listed(seeds)) this.#helloAtMs = Math.min(this.#helloAtMs, this.#nowMs);
  }

  /** What follows from any step as long as there is no cluster. */
  #goOn(startedMs: number): void {
    this.#presence.review(this.#nowMs);
    if (this.#nowMs >= this.#helloAtMs) this.#ask();
    if (this.#proposal && this.#nowMs >= this.#proposal.terms.endsMs) this.#giveUp();
    if (this.#askingUntilMs !== undefined && this.#nowMs >= this.#askingUntilMs)
      this.#askingUntilMs = undefined;
    const isFree = !this.#proposal && this.#askingUntilMs === undefined;
    if (isFree && this.#nowMs >= (this.#proposeAtMs ?? Number.POSITIVE_INFINITY)) {
      this.#askingUntilMs = this.#nowMs + this.#setup.options.retryMs * ASKING;
      this.#effects.push({ type: 'ask-epoch-floor' });
    }
    this.#explain(startedMs);
  }

  get #instances(): number | undefined {
    return this.#setup.instances ?? this.#listedInstances;
  }

  /** A majority of those that there are to be, as those who are there think, or of those who are there if they are more. */
  get #quorum(): number {
    const there = Math.max(this.#presence.count, this.#listedCount.most);
    const most = Math.max(this.#instances ?? 0, there, ...this.#presence.instances());
    return Math.floor(most / 2) + 1;
  }

  /**
   * The one with the lowest id proposes as soon as the same ones have been there for the margin. If it doesn't (it may
   * hear less than others do), the next ones do, one margin later each.
   */
  get #proposeAtMs(): number | undefined {
    const isPossible = this.#instances !== undefined && this.#listedCount.isSure;
    if (!isPossible || this.#presence.count < this.#quorum) return undefined;
    const rank = this.#presence.ids().indexOf(this.#setup.self.id);
    const isAlone = this.#quorum === 1 && this.#presence.addresses().length === 0;
    const marginMs = isAlone ? 0 : this.#setup.options.marginMs * (1 + rank);
    return Math.max(this.#presence.stableSinceMs + marginMs, this.#notBeforeMs);
  }

  #ask(): void {
    this.#helloAtMs = this.#nowMs + this.#about(this.#setup.options.retryMs);
    for (const address of this.#presence.addresses()) this.#send(address, { kind: 'hello' });
    if (this.#proposal) this.#press(this.#proposal);
  }

  /** Asks those who haven't answered yet. */
  #press(proposal: Proposal): void {
    const { terms, value } = proposal;
    const { ballot, present } = terms;
    for (const { address, id } of present) {
      if (id === this.#setup.self.id) continue;
      if (!value) {
        // Before its own promise is on disk, a proposer that restarts could call the same ballot for something else.
        const maySend = proposal.hasPromised(this.#setup.self.id) && !proposal.hasPromised(id);
        if (maySend) this.#send(address, { kind: 'prepare', ballot });
      } else if (!proposal.hasAccepted(id))
        this.#send(address, { kind: 'accept', ballot, foundation: value });
    }
  }

  #floorKnown(floor: number): void {
    if (this.#askingUntilMs === undefined || this.#isSettled) return;
    this.#askingUntilMs = undefined;
    this.#presence.review(this.#nowMs);
    const isDue = this.#nowMs >= (this.#proposeAtMs ?? Number.POSITIVE_INFINITY);
    if (!isDue) return;
    if (!Number.isSafeInteger(floor) || floor < 0 || floor > HIGHEST_FLOOR) return this.#giveUp();
    const { options, self } = this.#setup;
    this.#highestNumber = 1 + Math.max(this.#highestNumber, ballotNumber(this.#promise?.ballot ?? ''));
    const ballot = ballotOf(this.#highestNumber, self.id);
    this.#proposal = new Proposal({
      ballot,
      endsMs: this.#nowMs + this.#about(options.retryMs * ATTEMPT),
      epochFloor: floor,
      present: this.#presence.participants(),
      quorum: this.#quorum,
    });
    this.#judgeOwn('self-promised', { kind: 'prepare', ballot });
  }

  #receive({ address, from, message }: Received): void {
    if (from === this.#setup.self.id) {
      this.#hasMetItself = true;
      return;
    }
    switch (message.kind) {
      case 'hello':
        this.#presence.called(this.#nowMs, address);
        return this.#sayHere(address);
      case 'here':
        if (message.foundation) return this.#settle(message.foundation, true);
        return this.#presence.heard(this.#nowMs, { id: from, address }, message.instances);
      case 'prepare':
      case 'accept':
        return this.#judge(address, message);
      case 'promised': {
        const proposal = this.#proposalOf(message.ballot);
        if (proposal?.promised(from, message.accepted)) this.#choose(proposal);
        return;
      }
      case 'accepted':
        return this.#countAccepted(this.#proposalOf(message.ballot), from);
      case 'refused': {
        if (isWithinReach(message.promised, this.#highestNumber))
          this.#highestNumber = Math.max(this.#highestNumber, ballotNumber(message.promised));
        if (this.#proposalOf(message.ballot)) this.#giveUp();
      }
    }
  }

  #sayHere(to: Address): void {
    this.#send(to, {
      kind: 'here',
      address: this.#setup.self.address,
      instances: this.#instances ?? 0,
      ...(this.#foundation && { foundation: this.#foundation }),
    });
  }

  #judge(to: Address, question: FoundingMessage & { readonly kind: 'prepare' | 'accept' }): void {
    if (this.#foundation) return this.#sayHere(to);
    const verdict = this.#isSettled ? undefined : judge(this.#promise, question);
    if (!verdict) return;
    if (verdict.answer.kind !== 'refused') this.#giveWay();
    this.#keep(verdict.persist, { kind: 'answer', to, message: verdict.answer });
  }

  /** A proposer is one of those who decide; what it says to itself must be on disk like what it says to others. */
  #judgeOwn(
    kind: 'self-promised' | 'self-accepted',
    question: FoundingMessage & { readonly kind: 'prepare' | 'accept' },
  ): void {
    const verdict = judge(this.#promise, question);
    if (!verdict || verdict.answer.kind === 'refused') return this.#giveUp();
    this.#keep(verdict.persist, { kind, ballot: question.ballot });
  }

  /** Another one's attempt goes on: calling a higher ballot now would only end it. */
  #giveWay(): void {
    this.#proposal = undefined;
    this.#notBeforeMs = this.#nowMs + this.#about(this.#setup.options.retryMs * ATTEMPT);
  }

  #giveUp(): void {
    this.#proposal = undefined;
    const { retryMs } = this.#setup.options;
    this.#notBeforeMs = this.#nowMs + retryMs * (0.5 + 2 * this.#setup.random.next());
  }

  #proposalOf(ballot: string): Proposal | undefined {
    return this.#proposal?.terms.ballot === ballot ? this.#proposal : undefined;
  }

  #choose(proposal: Proposal): void {
    const { ballot, epochFloor, present } = proposal.terms;
    const { maxVoters, newId } = this.#setup;
    const foundation = proposal.choose(() => ({
      clusterId: newId(),
      voters: chooseVoters(present, (id) => proposal.hasPromised(id), maxVoters),
      epochFloor,
    }));
    this.#press(proposal);
    this.#judgeOwn('self-accepted', { kind: 'accept', ballot, foundation });
  }

  #countAccepted(proposal: Proposal | undefined, id: string): void {
    if (!proposal?.value) return;
    proposal.accepted(id);
    if (proposal.isDecided) this.#settle(proposal.value, false);
  }

  /** It is decided: nothing else counts any more. */
  #settle(foundation: Foundation, joined: boolean): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#proposal = undefined;
    this.#persist({ foundation }, { kind: 'founded', foundation, joined });
  }

  #keep(promise: FoundingPromise | undefined, afterwards: Afterwards): void {
    if (promise) {
      this.#promise = promise;
      return this.#persist({ promise }, afterwards);
    }
    // It was promised before, but perhaps that is not on disk yet.
    const waiting = this.#writes.get(this.#lastWrite);
    if (waiting) waiting.push(afterwards);
    else this.#finish(afterwards);
  }

  #persist(change: StorageChange, afterwards: Afterwards): void {
    this.#lastWrite += 1;
    this.#writes.set(this.#lastWrite, [afterwards]);
    this.#effects.push({ type: 'persist', write: this.#lastWrite, change });
  }

  #persisted(write: number, error: Error | undefined): void {
    const all = this.#writes.get(write) ?? [];
    this.#writes.delete(write);
    if (error) return this.#fail(error);
    for (const afterwards of all) this.#finish(afterwards);
  }

  #finish(afterwards: Afterwards): void {
    switch (afterwards.kind) {
      case 'answer':
        return this.#send(afterwards.to, afterwards.message);
      case 'self-promised': {
        const proposal = this.#proposalOf(afterwards.ballot);
        if (!proposal) return;
        if (proposal.promised(this.#setup.self.id, this.#promise?.accepted)) this.#choose(proposal);
        else this.#press(proposal);
        return;
      }
      case 'self-accepted':
        return this.#countAccepted(this.#proposalOf(afterwards.ballot), this.#setup.self.id);
      case 'founded': {
        const { foundation, joined } = afterwards;
        this.#foundation = foundation;
        this.#effects.push({ type: 'founded', foundation, joined });
        for (const address of this.#presence.addresses()) this.#sayHere(address);
      }
    }
  }

  /** Who can't write can't keep what it promises: it says nothing any more. */
  #fail(error: Error): void {
    this.#hasFailed = true;
    this.#tell({
      code: 'STORAGE_FAILED',
      message: `This instance can't write what it must not forget: ${error.message}`,
      mend: 'Check the data directory and its disk, then restart this instance.',
    });
  }

  #explain(startedMs: number): void {
    const { marginMs, retryMs } = this.#setup.options;
    const { count } = this.#presence;
    const quorum = this.#quorum;
    if (count < quorum) this.#enoughSinceMs = undefined;
    else this.#enoughSinceMs ??= this.#nowMs;
    const isUnstable = this.#nowMs - this.#presence.stableSinceMs < marginMs;
    const problem = explainWaiting({
      instances: this.#instances,
      others: this.#presence.instances(),
      counted: this.#listedCount.most,
      seedError: this.#seedError,
      seeds: this.#seeds,
      asked: this.#presence.addresses(),
      hasMetItself: this.#hasMetItself,
      present: count,
      quorum,
      askedForMs: atLeast(retryMs * PATIENCE, this.#nowMs - startedMs),
      unstableForMs: isUnstable
        ? atLeast(marginMs * UNSTABLE, this.#nowMs - (this.#enoughSinceMs ?? this.#nowMs))
        : undefined,
    });
    if (problem) this.#tell(problem);
  }

  #tell(problem: Problem): void {
    const text = problem.code + problem.message;
    if (text === this.#told) return;
    this.#told = text;
    this.#effects.push({ type: 'waiting', problem });
  }

  #send(to: Address, message: FoundingMessage): void {
    this.#effects.push({ type: 'send', to, message });
  }

  #about(ms: number): number {
    return ms * (0.75 + this.#setup.random.next() / 2);
  }
}

function atLeast(leastMs: number, ms: number): number | undefined {
  return ms >= leastMs ? ms : undefined;
}
