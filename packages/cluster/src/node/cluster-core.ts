import type { WallMoment } from '../base/moment.ts';
import type { RandomSource } from '../base/random.ts';
import { RaftCore } from '../consensus/raft-core.ts';
import type { RaftEffect, RaftInput } from '../consensus/raft-messages.ts';
import type { Foundation } from '../founding/foundation.ts';
import { FoundingCore } from '../founding/founding-core.ts';
import type { FoundingEffect, FoundingInput } from '../founding/founding-messages.ts';
import { addressText, type Address, type Member, type MemberMeta } from '../membership/member.ts';
import { SwimCore } from '../membership/swim-core.ts';
import type { SwimEffect, SwimInput } from '../membership/swim-messages.ts';
import type { StorageChange, StoredConsensus } from '../storage/consensus-storage.ts';
import type { Packet, PacketBody } from '../wire/packet.ts';
import type { ClusterChange } from './cluster.ts';
import type { ClusterTiming } from './cluster-options.ts';
import type { ClusterView } from './cluster-view.ts';
import type { ClusterEffect, ClusterInput } from './core-messages.ts';
import { Departure } from './departure.ts';
import { heededHint } from './heeded-hint.ts';
import { leaderLine } from './leader-line.ts';
import { Leadership } from './leadership.ts';
import { Problems } from './problems.ts';
import { renderView } from './render-view.ts';
import { SeedQuestions } from './seed-questions.ts';
import { SharedMap } from './shared-map.ts';
import { withSilent } from './silent-voters.ts';
import { VoterCare } from './voter-care.ts';
import { MOST_VOTERS, planOf } from './voter-plan.ts';
import { whyLeaseEnded } from './why-lease-ended.ts';
import { earliest, shortId } from './words.ts';

export interface ClusterSetup {
  readonly name: string;
  readonly address: Address;
  readonly stored: StoredConsensus;
  readonly meta: MemberMeta;
  /** Undefined: the seed source says it. */
  readonly instances?: number;
  readonly timing: ClusterTiming;
  /** Entries after which the log is replaced by a snapshot; default: thousands. */
  readonly compactAfter?: number;
  readonly random: RandomSource;
  readonly newId: () => string;
}

/**
 * One instance, without I/O: joins membership, founding, consensus and map, each of which is a core of its own, and
 * decides what none of them can: where packets go, who takes part, and when a leader may act.
 */
export class ClusterCore {
  readonly #setup: ClusterSetup;
  readonly #self: string;
  readonly #swim: SwimCore;
  readonly #founding: FoundingCore;
  readonly #map: SharedMap;
  readonly #leadership = new Leadership();
  readonly #care: VoterCare;
  readonly #problems: Problems;
  readonly #questions: SeedQuestions;
  readonly #departure = new Departure();
  readonly #addresses = new Map<string, Address>();
  readonly #memberSince = new Map<string, number>();
  readonly #writes = new Map<number, { readonly layer: 'founding' | 'raft'; readonly write: number }>();
  #raft: RaftCore | undefined;
  #foundation: Foundation | undefined;
  #instances: number | undefined;
  /** What the seed source has said last. */
  #listed: readonly Address[] = [];
  #lastWrite = 0;
  #careAtMs = Number.POSITIVE_INFINITY;
  #isSomebodyDead = false;
  #out: ClusterEffect[] = [];
  #moment: WallMoment = { nowMs: 0, epochMs: 0 };

  constructor(setup: ClusterSetup) {
    const { address, meta, random, stored, timing } = setup;
    this.#setup = setup;
    this.#self = stored.identity.id;
    this.#instances = setup.instances;
    this.#map = new SharedMap({
      self: this.#self,
      ...(setup.compactAfter !== undefined && { compactAfter: setup.compactAfter }),
      isLeader: () => this.#raft?.role === 'leader',
      raft: (input) => this.#raftStep(input),
      send: (to, message) => this.#sendTo(to, { layer: 'map', message }),
      emit: (effect) => this.#out.push(effect),
    });
    this.#care = new VoterCare(timing);
    this.#problems = new Problems(timing);
    this.#questions = new SeedQuestions(timing);
    const self: Member = { ...stored.identity, address, meta, incarnation: 0, state: 'alive' };
    this.#swim = new SwimCore({ self, options: timing, random });
    this.#founding = new FoundingCore({
      self: { id: this.#self, address },
      maxVoters: MOST_VOTERS,
      options: { marginMs: timing.foundingMarginMs, retryMs: timing.seedsFoundingMs },
      stored,
      random,
      newId: setup.newId,
      ...(setup.instances !== undefined && { instances: setup.instances }),
    });
  }

  step(moment: WallMoment, input: ClusterInput): readonly ClusterEffect[] {
    this.#moment = moment;
    this.#out = [];
    this.#take(input);
    this.#after();
    return this.#out;
  }

  get nextDeadlineMs(): number | undefined {
    return earliest([
      this.#swim.nextDeadlineMs,
      this.#founding.nextDeadlineMs,
      this.#raft?.nextDeadlineMs,
      this.#map.nextDeadlineMs,
      this.#questions.nextDeadlineMs,
      this.#departure.nextDeadlineMs,
      this.#problems.nextDeadlineMs,
      this.#careAtMs,
    ]);
  }

  get map(): SharedMap['state'] {
    return this.#map.state;
  }

  members(): readonly Member[] {
    return [...this.#swim.members()];
  }

  /** Also those of whom only the log knows. */
  get #everybody(): readonly Member[] {
    return withSilent(this.members(), this.#raft?.configuration);
  }

  view(): ClusterView {
    const { name, stored, address, meta } = this.#setup;
    return renderView({
      name,
      self: { id: stored.identity.id, address, meta },
      moment: this.#moment,
      instances: this.#instances ?? 0,
      foundation: this.#foundation,
      raft: this.#raft?.status(),
      applied: this.#map.applied,
      members: this.#everybody,
      memberSince: this.#memberSince,
      leadership: this.#leadership,
      problems: this.#problems,
      addressOf: (id) => this.#addressOf(id),
    });
  }

  #take(input: ClusterInput): void {
    switch (input.type) {
      case 'start':
        return this.#start();
      case 'packet':
        return this.#receive(input.packet);
      case 'refused':
        return this.#problems.refused(this.#moment, input.refused);
      case 'seeds':
        return this.#seeds(input);
      case 'no-seeds':
        this.#care.unlisted();
        this.#questions.answered();
        this.#problems.seedsFailed(input.error);
        return this.#founded({ type: 'no-seeds', error: input.error });
      case 'epoch-floor':
        this.#problems.epochFloorFailed(undefined);
        return this.#founded(input);
      case 'no-epoch-floor':
        return this.#problems.epochFloorFailed(input.error);
      case 'persisted':
        return this.#persisted(input.write, input.error);
      case 'write':
        return this.#map.write(this.#moment, { ...input, deadlineMs: this.#moment.nowMs + input.withinMs });
      case 'read':
        return this.#map.read(this.#moment, { ...input, deadlineMs: this.#moment.nowMs + input.withinMs });
      case 'resign':
        return this.#raftStep({ type: 'resign' }, input.why);
      case 'leave':
        return this.#leave(input);
      case 'tick':
        return this.#tick();
    }
  }

  #start(): void {
    this.#swimStep({ type: 'start', seeds: [] });
    this.#founded({ type: 'start' });
  }

  #tick(): void {
    const tick = { type: 'tick' } as const;
    const isDue = (atMs: number | undefined) => atMs !== undefined && atMs <= this.#moment.nowMs;
    if (isDue(this.#swim.nextDeadlineMs)) this.#swimStep(tick);
    if (isDue(this.#founding.nextDeadlineMs)) this.#founded(tick);
    if (isDue(this.#raft?.nextDeadlineMs)) this.#raftStep(tick);
    this.#map.tick(this.#moment);
    if (isDue(this.#careAtMs)) this.#careForVoters();
  }

  /** What follows from the whole of a step. */
  #after(): void {
    const isFounded = this.#raft !== undefined;
    if (this.#questions.isDue(this.#moment, { isFounded, isSomebodyDead: this.#isSomebodyDead }))
      this.#out.push({ type: 'find-seeds' });
    if (this.#problems.isDue(this.#moment)) this.#review();
    if (this.#departure.isBegun) this.#depart();
  }

  #review(): void {
    const members = this.#everybody;
    this.#isSomebodyDead = members.some(({ state }) => state === 'dead');
    const fresh = this.#problems.review(this.#moment, {
      raft: this.#raft?.status(),
      instances: this.#instances,
      members,
      leader: this.#leadership.leader,
    });
    for (const { mend, message } of fresh) this.#tell('problem', `${message} ${mend}`);
  }

  #depart(): void {
    if (!this.#departure.isOver(this.#moment, { raft: this.#raft?.status(), self: this.#self })) return;
    if (this.#departure.isForGood) this.#swimStep({ type: 'leave' });
    this.#out.push({ type: 'left' });
  }

  #seeds(input: ClusterInput & { type: 'seeds' }): void {
    const { instances, seeds } = input;
    this.#questions.answered();
    this.#problems.seedsFailed(undefined);
    if (this.#setup.instances === undefined && instances !== undefined) this.#instances = instances;
    this.#care.listed(this.#moment, seeds, this.#everybody);
    const addresses = seeds.map(({ address }) => address);
    this.#listed = addresses;
    this.#meet();
    this.#founded({
      type: 'seeds',
      seeds: addresses,
      ...(this.#instances !== undefined && { instances: this.#instances }),
      isCounted: instances !== undefined,
    });
  }

  /** Gossip meets those who take part, too: the seed source may be down, or have forgotten them. */
  #meet(): void {
    const { learners, voters } = this.#raft?.configuration ?? { learners: [], voters: [] };
    const participants = [...voters, ...learners].map(({ address }) => address);
    this.#swimStep({ type: 'seeds', seeds: [...this.#listed, ...participants] });
  }

  #receive(packet: Packet): void {
    const { body, clusterId, from, to } = packet;
    if (from.id === this.#self || (to !== undefined && to !== this.#self)) return;
    const own = this.#foundation?.clusterId;
    if (clusterId !== undefined && own !== undefined && clusterId !== own)
      return this.#problems.otherCluster(this.#moment, { clusterId, address: from.address });
    if (body.layer !== 'swim') this.#problems.clock(this.#moment, { id: from.id, at: packet.at });
    this.#addresses.set(from.id, from.address);
    switch (body.layer) {
      case 'swim':
        return this.#swimStep({ type: 'received', from: from.address, sender: from, message: body.message });
      case 'founding':
        return this.#founded({
          type: 'received',
          from: from.id,
          address: from.address,
          message: body.message,
        });
      case 'raft':
        if (clusterId !== own || !this.#raft) return;
        if (body.message.kind === 'append' && from.id === this.#leadership.leader?.id)
          this.#leadership.heard(this.#moment);
        return this.#raftStep({ type: 'received', from: from.id, message: body.message });
      case 'map':
        if (clusterId !== own || !this.#raft) return;
        return this.#map.receive(from.id, body.message);
    }
  }

  #send(to: { readonly id?: string; readonly address: Address }, body: PacketBody, reliable: boolean): void {
    const { identity } = this.#setup.stored;
    const clusterId = this.#foundation?.clusterId;
    const packet: Packet = {
      from: { ...identity, address: this.#setup.address },
      at: this.#moment.epochMs,
      body,
      ...(to.id !== undefined && { to: to.id }),
      ...(clusterId !== undefined && { clusterId }),
    };
    this.#out.push({ type: 'send', to: to.address, packet, reliable });
  }

  /** To a member that is known by its id; one whose address nobody knows gets nothing. */
  #sendTo(id: string, body: PacketBody): void {
    const address = this.#addressOf(id);
    if (address) this.#send({ id, address }, body, true);
  }

  #addressOf(id: string): Address | undefined {
    if (id === this.#self) return this.#setup.address;
    const known = this.#swim.get(id)?.address ?? this.#addresses.get(id);
    if (known) return known;
    const { learners, voters } = this.#raft?.configuration ?? { learners: [], voters: [] };
    return (voters.find((each) => each.id === id) ?? learners.find((each) => each.id === id))?.address;
  }

  #persist(layer: 'founding' | 'raft', write: number, change: StorageChange): void {
    this.#lastWrite += 1;
    this.#writes.set(this.#lastWrite, { layer, write });
    this.#out.push({ type: 'persist', write: this.#lastWrite, change });
  }

  #persisted(number: number, error: Error | undefined): void {
    const write = this.#writes.get(number);
    this.#writes.delete(number);
    if (!write) return;
    if (error) this.#problems.failed(error.message);
    const input = { type: 'persisted', write: write.write, ...(error && { error }) } as const;
    if (write.layer === 'founding') this.#founded(input);
    else this.#raftStep(input);
  }

  #swimStep(input: SwimInput): void {
    for (const effect of this.#swim.step(this.#moment, input)) this.#swimEffect(effect);
  }

  #swimEffect(effect: SwimEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(
          { address: effect.to },
          { layer: 'swim', message: effect.message },
          effect.reliable,
        );
      case 'member':
        return this.#memberChanged(effect.member, effect.before);
      case 'hint': {
        const hint = heededHint(effect.hint, { self: this.#self, raft: this.#raft, known: this.#leadership });
        if (hint) this.#ledBy(hint.leader, hint.epoch);
      }
    }
  }

  #memberChanged(member: Member, before: Member | undefined): void {
    const { address, id, state } = member;
    if (state === before?.state && member.generation === before.generation) return;
    this.#memberSince.set(id, this.#moment.epochMs);
    this.#careSoon();
    if (id !== this.#self)
      this.#tell('member', `member ${shortId(id)} at ${addressText(address)} is ${state}`);
  }

  #founded(input: FoundingInput): void {
    for (const effect of this.#founding.step(this.#moment, input)) this.#foundingEffect(effect);
  }

  #foundingEffect(effect: FoundingEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send({ address: effect.to }, { layer: 'founding', message: effect.message }, true);
      case 'persist':
        return this.#persist('founding', effect.write, effect.change);
      case 'ask-epoch-floor':
        return void this.#out.push({ type: 'ask-epoch-floor' });
      case 'waiting':
        return this.#problems.waiting(effect.problem);
      case 'founded':
        return this.#begin(effect.foundation, effect.joined);
    }
  }

  #begin(foundation: Foundation, joined: boolean): void {
    const { random, stored, timing } = this.#setup;
    this.#foundation = foundation;
    this.#problems.waiting(undefined);
    this.#problems.epochFloorFailed(undefined);
    const isKnown = stored.foundation !== undefined;
    const hardState = isKnown ? stored.hardState : { term: foundation.epochFloor };
    this.#raft = new RaftCore({
      self: this.#self,
      options: timing,
      random,
      foundation,
      stored: { ...stored, hardState },
    });
    const text = isKnown ? 'returned to' : joined ? 'joined' : 'founded';
    this.#tell('founded', `${text} cluster ${foundation.clusterId} of ${this.#setup.name}`);
    this.#raftStep({ type: 'start' });
  }

  #raftStep(input: RaftInput, why?: string): void {
    if (!this.#raft) return;
    for (const effect of this.#raft.step(this.#moment, input)) this.#raftEffect(effect, why);
  }

  #raftEffect(effect: RaftEffect, why: string | undefined): void {
    switch (effect.type) {
      case 'send':
        return this.#sendTo(effect.to, { layer: 'raft', message: effect.message });
      case 'persist': {
        const { type: _, write, ...change } = effect;
        return this.#persist('raft', write, change);
      }
      case 'apply':
        return this.#map.apply(effect.entry);
      case 'restore':
        return this.#map.restore(effect.snapshot);
      case 'proposed':
        return this.#map.proposed(effect.proposal);
      case 'readable':
        return this.#map.readable(effect.read, effect.outcome);
      case 'role':
        // A leader is known as one when it has its lease.
        if (effect.leader !== this.#self && !this.#leadership.isAheadOf(effect, this.#self))
          this.#ledBy(effect.leader, effect.term);
        return this.#careSoon();
      case 'lease':
        return this.#leased(effect, why);
      case 'failed':
        return this.#problems.failed(effect.why);
      case 'configuration': {
        const { learners, voters } = effect.configuration;
        const ids = (list: typeof voters) => list.map(({ id }) => shortId(id)).join(', ');
        this.#careSoon();
        this.#meet();
        return this.#tell(
          'configuration',
          `voters: ${ids(voters)}${learners.length > 0 ? `; learners: ${ids(learners)}` : ''}`,
        );
      }
    }
  }

  #leased({ epoch, validUntilMs }: RaftEffect & { type: 'lease' }, why: string | undefined): void {
    const lease = validUntilMs === undefined ? undefined : { epoch, validUntilMs };
    const reason = lease ? '' : (why ?? whyLeaseEnded(this.#raft, epoch));
    // Without one nothing was cared for.
    if (lease && !this.#leadership.lease) this.#careSoon();
    this.#leadership.lease = lease;
    if (lease) {
      this.#ledBy(this.#self, epoch);
      this.#leadership.heard(this.#moment);
    } else if (this.#leadership.leader?.id === this.#self) this.#ledBy(undefined, epoch, reason);
    this.#out.push({ type: 'lease', lease, why: reason });
  }

  #ledBy(id: string | undefined, epoch: number, lost?: string): void {
    if (!this.#leadership.see(this.#moment, id, epoch)) return;
    this.#map.ledBy(this.#moment, id);
    if (id !== undefined) this.#swimStep({ type: 'hint', hint: { leader: id, epoch } });
    const address = id === undefined ? undefined : this.#addressOf(id);
    const { tookMs } = this.#leadership.changes.at(-1) ?? {};
    this.#tell('leader', leaderLine({ id, epoch, isSelf: id === this.#self, address, tookMs, lost }));
  }

  #careSoon(): void {
    this.#careAtMs = Math.min(this.#careAtMs, this.#moment.nowMs + this.#setup.timing.heartbeatMs);
  }

  /** The leader sees to it that those take part who should. */
  #careForVoters(): void {
    const raft = this.#raft;
    const isLeader = this.#leadership.lease !== undefined && raft?.role === 'leader';
    this.#careAtMs = isLeader
      ? this.#moment.nowMs + this.#setup.timing.probeMs * 2
      : Number.POSITIVE_INFINITY;
    if (!isLeader) return;
    const members = this.#everybody;
    const plan = planOf({
      self: this.#self,
      status: raft.status(),
      members,
      gone: this.#care.gone(this.#moment, members),
      instances: this.#instances,
    });
    if (!plan) return;
    if (plan.kind === 'hand-over')
      return this.#raftStep({ type: 'resign', to: plan.to }, 'this instance leaves');
    this.#raftStep({ type: 'change', proposal: this.#map.foreignProposal(), change: plan });
  }

  #leave({ forGood, withinMs }: ClusterInput & { type: 'leave' }): void {
    this.#departure.begin({ atMs: this.#moment.nowMs, withinMs, forGood });
    if (forGood) {
      this.#swimStep({ type: 'meta', meta: { ...this.#setup.meta, leaving: true } });
      this.#careSoon();
    } else this.#raftStep({ type: 'resign' }, 'this instance ends');
  }

  #tell(kind: ClusterChange['kind'], line: string): void {
    this.#out.push({ type: 'changed', change: { kind, line } });
  }
}
