import type { Moment } from '../base/moment.ts';
import type { RandomSource } from '../base/random.ts';
import { fitNews, jsonBytes, type News } from './fit-news.ts';
import { Meeting } from './meeting.ts';
import { MemberBook } from './member-book.ts';
import type { Address, Json, Member } from './member.ts';
import { isLive } from './member-state.ts';
import { Prober } from './prober.ts';
import type { SwimCarry, SwimEffect, SwimInput, SwimMessage } from './swim-messages.ts';
import { swimTimingOf, type SwimOptions, type SwimTiming } from './swim-options.ts';
import type { SwimBody } from './swim-parts.ts';

export type { SwimOptions } from './swim-options.ts';

type Received = Extract<SwimInput, { readonly type: 'received' }>;

/** A step that comes so many probe intervals late says that the process, or the machine, stood still. */
const PAUSE = 3;

/**
 * Who is there: membership by gossip after SWIM, without I/O. Each member probes another one at a time, asks others to
 * try where it can't, suspects who is silent, and takes it for dead when it doesn't contradict in time. News travel on the
 * probes, and by themselves while they are fresh. It decides nothing: it is asked whom to ask.
 */
export class SwimCore {
  readonly #options: SwimTiming;
  readonly #book: MemberBook;
  readonly #prober: Prober;
  readonly #meeting: Meeting;
  #effects: SwimEffect[] = [];
  #nowMs = 0;
  #gossipAtMs = 0;
  #hint: { readonly json: Json; readonly text: string; readonly bytes: number } | undefined;
  #hasLeft = false;

  /** `self.state` is `alive`; its metadata have at most 512 bytes as JSON. */
  constructor(setup: {
    readonly self: Member;
    readonly options: SwimOptions;
    readonly random: RandomSource;
  }) {
    const { random, self } = setup;
    const options = swimTimingOf(setup.options);
    this.#options = options;
    this.#book = new MemberBook({
      self,
      options,
      random,
      tell: (member, before) => this.#effects.push({ type: 'member', member, ...(before && { before }) }),
    });
    const parts = {
      options,
      random,
      book: this.#book,
      send: (to: Address, body: SwimBody, about?: string) => this.#send(to, body, about),
    };
    this.#prober = new Prober(parts);
    this.#meeting = new Meeting(parts);
  }

  /** Takes an input and returns what is to be done, in order. After `leave` nothing is. */
  step({ nowMs }: Moment, input: SwimInput): readonly SwimEffect[] {
    if (this.#hasLeft) return [];
    this.#effects = [];
    const dueMs = this.nextDeadlineMs;
    this.#nowMs = nowMs;
    if (dueMs !== undefined && nowMs - dueMs > this.#options.probeMs * PAUSE) this.#afterPause();
    this.#take(input);
    if (!this.#hasLeft) this.#gossip();
    return this.#effects;
  }

  /** When it wants a `tick`; none before `start` and after `leave`. */
  get nextDeadlineMs(): number | undefined {
    if (this.#hasLeft) return undefined;
    const nextMs = Math.min(
      this.#prober.nextDeadlineMs,
      this.#meeting.nextDeadlineMs,
      this.#book.nextDeadlineMs ?? Number.POSITIVE_INFINITY,
      this.#hasGossip ? this.#gossipAtMs : Number.POSITIVE_INFINITY,
    );
    return nextMs === Number.POSITIVE_INFINITY ? undefined : nextMs;
  }

  /** All that it knows of: this instance, those that live, and those that ended within the last minutes. */
  members(): Iterable<Member> {
    return this.#book.all();
  }

  get(id: string): Member | undefined {
    return this.#book.get(id);
  }

  #take(input: SwimInput): void {
    switch (input.type) {
      case 'start':
        this.#book.introduce();
        this.#prober.start(this.#nowMs);
        this.#meeting.start(this.#nowMs, input.seeds);
        return this.#tick();
      case 'seeds':
        this.#meeting.seeds(this.#nowMs, input.seeds);
        return this.#tick();
      case 'received':
        return this.#receive(input);
      case 'meta':
        return this.#book.introduce(input.meta);
      case 'hint':
        this.#hint = {
          json: input.hint,
          text: JSON.stringify(input.hint),
          bytes: jsonBytes({ hint: input.hint }),
        };
        return;
      case 'leave':
        return this.#leave();
      case 'tick':
        return this.#tick();
    }
  }

  #tick(): void {
    this.#book.tick(this.#nowMs);
    this.#prober.tick(this.#nowMs);
    this.#meeting.tick(this.#nowMs);
  }

  #afterPause(): void {
    this.#book.afterPause(this.#nowMs);
    this.#prober.afterPause(this.#nowMs);
    this.#meeting.afterPause(this.#nowMs);
  }

  #receive({ from, message, sender }: Received): void {
    if (sender.id === this.#book.self.id) return;
    const known = this.#book.get(sender.id);
    // Its next life has been heard of already: this is late.
    if (known && known.generation > sender.generation) return;
    for (const member of message.news) this.#learn(member, message);
    this.#answer({ type: 'received', from, message, sender });
    const now = this.#book.get(sender.id);
    if (!now || now.generation < sender.generation) this.#meeting.stranger(this.#nowMs, from);
    this.#hear(sender.id, message.hint);
  }

  #answer({ from, message, sender }: Received): void {
    switch (message.kind) {
      case 'ping':
        // Also when another one is meant, which was here before: so its end is heard of.
        return this.#send(from, { kind: 'ack', probe: message.probe, from: this.#book.self.id }, sender.id);
      case 'ack':
        return this.#prober.answered(this.#nowMs, {
          probe: message.probe,
          from: message.from,
          sender: sender.id,
          address: from,
        });
      case 'ping-request': {
        const { at, probe, target } = message;
        return this.#prober.asked(this.#nowMs, { for: from, probe, target, at });
      }
      case 'join':
        this.#learn(message.self, message);
        this.#lives(from, sender.id);
        return this.#send(from, { kind: 'members', members: this.#book.summary(this.#nowMs) }, sender.id);
      case 'members':
        for (const member of message.members) this.#learn(member, message);
        return this.#lives(from, sender.id);
      case 'news':
        return;
    }
  }

  /**
   * Who speaks by TCP is at its address now, and nobody else is. A datagram doesn't prove that, unless it answers a probe:
   * it may have been sent long ago, and again by somebody else.
   */
  #lives(at: Address, id: string): void {
    this.#book.occupied(this.#nowMs, at, id);
  }

  #learn(member: Member, { doubts }: SwimCarry): void {
    const doubters = doubts && Object.hasOwn(doubts, member.id) ? doubts[member.id] : undefined;
    this.#book.learn(this.#nowMs, member, doubters);
  }

  #hear(from: string, hint: Json | undefined): void {
    if (hint === undefined || JSON.stringify(hint) === this.#hint?.text) return;
    this.#effects.push({ type: 'hint', from, hint });
  }

  get #hasGossip(): boolean {
    return !this.#book.queue.isEmpty && this.#book.others.size > 0;
  }

  /** What is fresh doesn't wait for the next probe: a few hear of it at once, and tell a few others. */
  #gossip(): void {
    if (!this.#hasGossip || this.#nowMs < this.#gossipAtMs) return;
    this.#gossipAtMs = this.#nowMs + this.#options.probeTimeoutMs;
    for (const id of this.#book.others.sample(this.#options.indirect)) this.#sendTo(id, false);
  }

  /** One datagram to everybody, and to some by TCP, since it is said only once. */
  #leave(): void {
    const { id } = this.#book.self;
    this.#book.goodbye();
    const sure = new Set(this.#book.others.sample(this.#options.indirect));
    for (const member of this.#book.all()) {
      if (member.id !== id && isLive(member)) this.#sendTo(member.id, sure.has(member.id));
    }
    this.#hasLeft = true;
  }

  #sendTo(id: string, reliable: boolean): void {
    const member = this.#book.get(id);
    if (!member) return;
    this.#effects.push({
      type: 'send',
      to: member.address,
      message: { kind: 'news', ...this.#carry({ kind: 'news' }) },
      reliable,
    });
  }

  #send(to: Address, body: SwimBody, about?: string): void {
    const reliable = body.kind === 'join' || body.kind === 'members';
    const carry = body.kind === 'join' ? this.#everything() : this.#carry(body, about);
    this.#effects.push({ type: 'send', to, message: withCarry(body, carry), reliable });
  }

  /** Who asks for all that is known tells all that it knows. */
  #everything(): SwimCarry {
    return { news: this.#book.summary(this.#nowMs), ...(this.#hint && { hint: this.#hint.json }) };
  }

  #carry(body: SwimBody, about?: string): SwimCarry {
    const { queue, others } = this.#book;
    const hint = this.#hint && { hint: this.#hint.json };
    if (this.#freshest(about).next().done) return { news: [], ...hint };
    const base = body.kind === 'members' ? 0 : jsonBytes({ ...body, news: [], doubts: {} });
    const room = this.#options.datagramBytes - base - (this.#hint?.bytes ?? 0);
    const { carry, untellable } = fitNews(this.#freshest(about), room);
    queue.told(
      carry.news.map(({ id }) => id),
      others.size + 1,
    );
    // Those who compare notes by TCP hear of them; in the queue they would be in the way of all others for ever.
    for (const id of untellable) queue.drop(id);
    return { ...carry, ...hint };
  }

  *#freshest(about: string | undefined): Generator<News> {
    const book = this.#book;
    const first = about === undefined ? undefined : book.newsOf(about);
    if (first && first.member.state !== 'alive') yield first;
    if (book.self.state === 'left') yield { member: book.self, doubters: [] };
    for (const id of book.queue.ids()) {
      const isTold = id === about || (id === book.self.id && book.self.state === 'left');
      const news = isTold ? undefined : book.newsOf(id);
      if (news) yield news;
    }
  }
}

function withCarry(body: SwimBody, carry: SwimCarry): SwimMessage {
  return { ...body, ...carry };
}
