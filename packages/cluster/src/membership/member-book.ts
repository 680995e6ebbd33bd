import type { RandomSource } from '../base/random.ts';
import { jsonBytes, type News } from './fit-news.ts';
import { GossipQueue } from './gossip-queue.ts';
import type { Address, Member, MemberMeta } from './member.ts';
import { isCredible, isLive, supersedes } from './member-state.ts';
import { MemberTable } from './member-table.ts';
import { ProbeOrder } from './probe-order.ts';
import { suspicionMs } from './suspicion.ts';
import type { SwimTiming } from './swim-options.ts';

interface Suspicion {
  sinceMs: number;
  /** Who have found it silent themselves. */
  readonly by: Set<string>;
}

/** Twice what a program may tell of its instance: more comes from nobody who keeps the rules. */
const MOST_META_BYTES = 1024;

/** Further doubters change nothing and cost room. */
const MOST_DOUBTERS = 4;

export type TellMember = (member: Member, before: Member | undefined) => void;

/** What this instance holds to be true of all members, and what of it others are yet to be told. */
export class MemberBook {
  readonly queue = new GossipQueue();
  /** The others that are alive or suspect. */
  readonly others: ProbeOrder;
  /** How many times as long others may take, because this instance can't trust its own ears. */
  patience = 1;
  readonly #options: SwimTiming;
  readonly #tell: TellMember;
  readonly #table = new MemberTable();
  readonly #suspicions = new Map<string, Suspicion>();
  #self: Member;
  #forgetAtMs = 0;

  constructor(setup: { self: Member; options: SwimTiming; random: RandomSource; tell: TellMember }) {
    this.#self = setup.self;
    this.#options = setup.options;
    this.#tell = setup.tell;
    this.others = new ProbeOrder(setup.random);
  }

  get self(): Member {
    return this.#self;
  }

  get(id: string): Member | undefined {
    return id === this.#self.id ? this.#self : this.#table.get(id);
  }

  *all(): Generator<Member> {
    yield this.#self;
    yield* this.#table.all();
  }

  livingAt(address: Address): readonly string[] {
    return this.#table.livingAt(address);
  }

  /** What one that begins, or has been away, is told: who ended long ago is not news, or it would never be forgotten. */
  summary(nowMs: number): readonly Member[] {
    return [this.#self, ...this.#table.recent(nowMs - this.#options.forgetAfterMs / 2)];
  }

  /** Tells of itself: with the first word, and when its metadata change. */
  introduce(meta?: MemberMeta): void {
    if (meta) return this.#present({ ...this.#self, incarnation: this.#self.incarnation + 1, meta });
    this.queue.add(this.#self.id);
    this.#tell(this.#self, undefined);
  }

  goodbye(): void {
    this.#self = { ...this.#self, state: 'left' };
  }

  /** `doubters`: who have found it silent, if it is a suspect. */
  learn(nowMs: number, news: Member, doubters: readonly string[] = []): void {
    const known = this.get(news.id);
    if (!isCredible(news, known)) return;
    if (news.id === this.#self.id) return this.#contradict(news);
    if (!known || supersedes(news, known)) {
      const isRefused = (!known && this.#table.isFull) || jsonBytes(news.meta) > MOST_META_BYTES;
      return isRefused ? undefined : this.#accept(nowMs, news, doubters);
    }
    const isSame = news.generation === known.generation && news.incarnation === known.incarnation;
    if (isSame && news.state === 'suspect') return this.#confirm(news.id, doubters);
    // Somebody has missed that it contradicted, and has to hear of it.
    if (news.state === 'dead' && isLive(known)) this.queue.add(news.id);
  }

  /** It has not answered this instance, nor those who were asked to try. */
  suspect(nowMs: number, id: string): void {
    const known = this.#table.get(id);
    if (!known || !isLive(known)) return;
    this.learn(nowMs, { ...known, state: 'suspect' }, [this.#self.id]);
  }

  /** Somebody else has answered where these are known to be: they are dead, at once. */
  occupied(nowMs: number, address: Address, by: string): void {
    for (const id of this.livingAt(address)) if (id !== by) this.#end(nowMs, id);
  }

  /** Suspects that this instance has found silent itself: it should tell them. */
  ownSuspects(): readonly string[] {
    return [...this.#suspicions].filter(([, { by }]) => by.has(this.#self.id)).map(([id]) => id);
  }

  /** About a member, as it is told to others. */
  newsOf(id: string): News | undefined {
    const member = this.get(id);
    return member && { member, doubters: [...(this.#suspicions.get(id)?.by ?? [])] };
  }

  /** Suspects whose time is over are dead; what ended long ago is forgotten. */
  tick(nowMs: number): void {
    for (const [id, suspicion] of this.#suspicions) {
      if (this.#endsMs(suspicion) <= nowMs) this.#end(nowMs, id);
    }
    if (nowMs < this.#forgetAtMs) return;
    this.#table.forget(nowMs - this.#options.forgetAfterMs);
    this.#forgetAtMs = nowMs + this.#options.forgetAfterMs / 10;
  }

  /** This instance stood still, and could not hear them contradict. */
  afterPause(nowMs: number): void {
    for (const suspicion of this.#suspicions.values()) {
      suspicion.sinceMs = nowMs;
      suspicion.by.clear();
    }
  }

  get nextDeadlineMs(): number | undefined {
    if (this.#suspicions.size === 0) return undefined;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const suspicion of this.#suspicions.values()) firstMs = Math.min(firstMs, this.#endsMs(suspicion));
    return firstMs;
  }

  #accept(nowMs: number, member: Member, doubters: readonly string[]): void {
    const before = this.#table.get(member.id);
    this.#table.put(member, nowMs);
    this.queue.add(member.id);
    this.#suspicions.delete(member.id);
    if (member.state === 'suspect')
      this.#suspicions.set(member.id, {
        sinceMs: nowMs,
        by: new Set(doubters.slice(0, MOST_DOUBTERS)),
      });
    const was = before !== undefined && isLive(before);
    if (isLive(member) && !was) this.others.add(member.id);
    if (!isLive(member) && was) this.others.remove(member.id);
    this.#tell(member, before);
  }

  #confirm(id: string, doubters: readonly string[]): void {
    const by = this.#suspicions.get(id)?.by;
    if (!by) return;
    const known = by.size;
    for (const doubter of doubters) if (by.size < MOST_DOUBTERS) by.add(doubter);
    if (by.size > known) this.queue.add(id);
  }

  #end(nowMs: number, id: string): void {
    const known = this.#table.get(id);
    if (known) this.learn(nowMs, { ...known, state: 'dead' });
  }

  #endsMs({ by, sinceMs }: Suspicion): number {
    const members = this.others.size + 1;
    return sinceMs + this.patience * suspicionMs({ ...this.#options, members, confirmations: by.size - 1 });
  }

  /** What others say of this instance is true only as long as it is what this one says. */
  #contradict(news: Member): void {
    const { generation, incarnation, state } = this.#self;
    if (state === 'left' || news.generation > generation) return;
    if (news.generation < generation) return this.queue.add(news.id);
    if (!supersedes(news, this.#self)) return;
    this.#present({ ...this.#self, incarnation: Math.max(news.incarnation, incarnation) + 1 });
  }

  #present(self: Member): void {
    const before = this.#self;
    this.#self = self;
    this.queue.add(self.id);
    this.#tell(self, before);
  }
}
