import { gunzipSync, gzipSync } from 'node:zlib';
import type { WireOffer } from '@vibrissa/mesos/wire';
import { bytesOf, type Transcript, type TranscriptLine } from '@vibrissa/testkit';
import { compareAnswer, compareBody } from './compare-answer.ts';
import { differences, shapeDifferences } from './compare.ts';
import { Correspondence, isObject } from './correspondence.ts';
import { OfferClaims } from './offer-claims.ts';
import { RawConnection } from './raw-connection.ts';

/** The simulated cluster as the player moves it. */
export interface PlayedCluster {
  /** The simulator's time, which passes by itself, too. */
  nowMs(): number;
  /** Lets so much of the simulator's time pass at once. */
  advance(byMs: number): Promise<void>;
  /** Where a recorded address, `127.0.0.1:5051`, is now. */
  address(recorded: string): { readonly host: string; readonly port: number };
  /** Addresses and directories, recorded and simulated. */
  readonly names: readonly (readonly [recorded: string, simulated: string])[];
  /** Does what a note says, when it says something that is to be done. */
  act(note: string): Promise<void>;
}

/** What was not as recorded. */
export interface PlayedTranscript {
  readonly differences: readonly string[];
  /** Differences of the kinds that a race explains; a transcript says which it may have. */
  readonly tolerated: readonly { readonly kind: Tolerance; readonly what: string }[];
}

export type Tolerance =
  /** The same resources in offers of other sizes. */
  | 'offers-cut-differently'
  /** An offer more. */
  | 'further-offers'
  /** An update that the recorded agent sent twice and this one once, or the other way round. */
  | 'update-repeated'
  /** Another role of the framework got the agent. */
  | 'offers-of-another-role';

export interface PlayOptions {
  /** Lines of what the simulator leaves out. */
  readonly skips: (line: TranscriptLine) => boolean;
  /** What need not be waited for. */
  readonly tolerates: readonly Tolerance[];
}

interface PlayedEvent {
  readonly event: Readonly<Record<string, unknown>>;
  claimed: boolean;
}

interface Opened {
  readonly label: string;
  readonly raw: RawConnection;
  readonly events: PlayedEvent[];
  readonly offers: OfferClaims;
  answersSeen: number;
  /** Of its requests, as recorded. */
  streamId?: string | undefined;
  isOperators: boolean;
  /** Requests that were sent. */
  asked: number;
  /** The answer that is told now is to one of them. */
  isAwaited: boolean;
  isClosed: boolean;
}

/** A real time after which an event that has not come does not come. */
const patienceMs = 12_000;

type Line<Kind extends TranscriptLine['kind']> = Extract<TranscriptLine, { kind: Kind }>;

/**
 * Plays the client's side of a transcript against a simulated cluster, line by line in the recorded order: requests on
 * the recorded connections at the recorded (simulated) times, with the simulator's ids in place of the recorded ones.
 * At each line that a master or agent sent, it waits for the simulator's counterpart and compares.
 */
export class TranscriptPlayer {
  readonly #cluster: PlayedCluster;
  readonly #ids = new Correspondence();
  /** The connection of each label that is talked on. */
  readonly #open = new Map<string, Opened>();
  readonly #all: Opened[] = [];
  readonly #differences: string[] = [];
  readonly #tolerated: { kind: Tolerance; what: string }[] = [];
  readonly #repeated = new Set<string>();
  readonly #claimedUuids = new Set<string>();
  /** When the recording would have begun, so that what is played now is in time. */
  #beganMs: number;
  #missed = 0;
  #tolerates: readonly Tolerance[] = [];
  #where = '';
  #lineMs = 0;

  constructor(cluster: PlayedCluster) {
    this.#cluster = cluster;
    this.#beganMs = cluster.nowMs();
    for (const [recorded, simulated] of cluster.names) this.#ids.set(recorded, simulated);
  }

  async play(transcript: Transcript, { skips, tolerates }: PlayOptions): Promise<PlayedTranscript> {
    this.#tolerates = tolerates;
    for (const line of transcript.lines) {
      if (skips(line)) {
        this.#noteOffers(line);
        continue;
      }
      this.#lineMs = line.t;
      this.#where = `${line.t} ms${line.conn === undefined ? '' : ` ${line.conn}`}`;
      await this.#playLine(line);
      // What came later than recorded shifts all that follows: the times between two lines are kept.
      this.#beganMs += Math.max(0, this.#elapsedMs - line.t);
      if (this.#missed > 4) break;
    }
    this.#scan();
    this.#reportUnclaimed();
    for (const each of this.#all) each.raw.close();
    return { differences: this.#differences, tolerated: this.#tolerated };
  }

  async #playLine(line: TranscriptLine): Promise<void> {
    if (line.kind === 'note') return this.#note(line.t, line.text);
    if (line.kind === 'open') return this.#openConnection(line);
    if (line.kind === 'connect-error' || line.kind === 'about' || line.kind === 'send-error')
      return undefined;
    const opened = this.#open.get(line.conn);
    if (!opened) return undefined;
    if (line.kind === 'request') return this.#request(this.#connectionFor(line) ?? opened, line);
    if (line.kind === 'sent') return this.#sent(opened, line);
    if (line.kind === 'response') return this.#response(opened, line);
    if (line.kind === 'body') return this.#body(opened, line);
    if (line.kind === 'record') return this.#record(opened, line);
    if (line.kind === 'last') return this.#last(opened);
    return this.#closed(opened, line);
  }

  async #note(atMs: number, text: string): Promise<void> {
    await this.#advanceTo(atMs);
    await this.#cluster.act(text);
  }

  async #openConnection(line: Line<'open'>): Promise<void> {
    await this.#advanceTo(line.t);
    const { host, port } = this.#cluster.address(line.to);
    const raw = await RawConnection.open(host, port).catch(() => undefined);
    if (!raw) return this.#differ(`no connection to ${line.to}`);
    const opened: Opened = {
      label: line.conn,
      raw,
      events: [],
      offers: new OfferClaims(),
      answersSeen: 0,
      isOperators: false,
      asked: 0,
      isAwaited: false,
      isClosed: false,
    };
    this.#open.set(line.conn, opened);
    this.#all.push(opened);
  }

  /** Connections of several frameworks may have the same label: the stream id says which is meant. */
  #connectionFor(line: Line<'request'>): Opened | undefined {
    const streamId = line.headers.find(([name]) => name.toLowerCase() === 'mesos-stream-id')?.[1];
    const alike = this.#all.filter((each) => each.label === line.conn && !each.isClosed);
    const fitting =
      alike.find((each) => each.streamId === streamId) ?? alike.findLast((each) => !each.streamId);
    const opened = fitting ?? alike.at(-1);
    if (!opened) return undefined;
    opened.streamId = streamId;
    opened.isOperators = !line.path.includes('/api/v1/scheduler');
    this.#open.set(line.conn, opened);
    return opened;
  }

  async #request(opened: Opened, line: Line<'request'>): Promise<void> {
    await this.#advanceTo(line.t);
    if (line.as_sent) return;
    opened.asked += 1;
    const gzipped = line.headers.some(([name, value]) => name === 'Content-Encoding' && value === 'gzip');
    const plain = gzipped ? gunzipSync(bytesOf(line)) : bytesOf(line);
    const text = line.data_b64 === undefined || gzipped ? this.#withOffers(plain.toString()) : undefined;
    const body = text === undefined ? plain : gzipped ? gzipSync(text) : Buffer.from(text);
    const headers = line.headers.map(
      ([name, value]) =>
        `${name}: ${name.toLowerCase() === 'content-length' ? body.length : this.#ids.translate(value)}`,
    );
    const head = [`${line.method} ${this.#ids.translate(line.path)} HTTP/1.1`, ...headers, '', ''];
    opened.raw.send(Buffer.concat([Buffer.from(head.join('\r\n')), body]));
  }

  async #sent(opened: Opened, line: Line<'sent'>): Promise<void> {
    await this.#advanceTo(line.t);
    // Several may be in one line, or one in several.
    opened.asked = Infinity;
    opened.raw.send(Buffer.from(this.#ids.translate(bytesOf(line).toString())));
  }

  /** A call's text with the simulator's ids; a recorded offer may have become several. */
  #withOffers(text: string): string {
    const translated = this.#ids.translate(text);
    if (!text.includes('"offer_ids"')) return translated;
    const recorded = JSON.parse(text) as Record<string, { offer_ids?: { value: string }[] }>;
    const call = JSON.parse(translated) as Record<string, { offer_ids?: { value: string }[] }>;
    for (const key of ['accept', 'decline']) {
      const named = recorded[key]?.offer_ids?.map(({ value }) => value);
      if (!named || !call[key]) continue;
      const rest = key === 'decline' ? this.#all.flatMap((each) => each.offers.takeRest(named)) : [];
      const ids = [...named.flatMap((id) => this.#offersFor(id)), ...rest];
      call[key].offer_ids = ids.map((value) => ({ value }));
    }
    return JSON.stringify(call);
  }

  #offersFor(recordedId: string): readonly string[] {
    const owner = this.#all.find((each) => each.offers.knows(recordedId));
    const ids = owner?.offers.idsFor(recordedId);
    if (!owner || !ids) return [this.#ids.translate(recordedId)];
    owner.offers.used(ids);
    return ids;
  }

  async #response(opened: Opened, line: Line<'response'>): Promise<void> {
    // The request was left out, or has got lost.
    opened.isAwaited = opened.asked > opened.answersSeen;
    if (!opened.isAwaited) return;
    const index = opened.answersSeen;
    opened.answersSeen += 1;
    if (!(await this.#until(() => opened.raw.answers.length > index))) {
      return this.#miss(`no answer; recorded ${line.line}`);
    }
    const answer = opened.raw.answers[index];
    if (!answer) return;
    for (const difference of compareAnswer(line, answer, this.#ids)) this.#differ(difference);
  }

  async #body(opened: Opened, line: Line<'body'>): Promise<void> {
    if (!opened.isAwaited) return;
    const answer = opened.raw.answers[opened.answersSeen - 1];
    if (!answer || !(await this.#until(() => answer.complete))) {
      return this.#miss('the body of the answer does not end');
    }
    for (const difference of compareBody(bytesOf(line), answer, this.#ids)) this.#differ(difference);
  }

  async #record(opened: Opened, line: Line<'record'>): Promise<void> {
    if (line.data_b64 !== undefined) return;
    const recorded = JSON.parse(line.data ?? '') as Readonly<Record<string, unknown>>;
    if (recorded['type'] === 'OFFERS') return this.#offers(opened, recorded);
    const rescinded = isObject(recorded['rescind']) ? recorded['rescind']['offer_id'] : undefined;
    if (isObject(rescinded) && !this.#ids.knows(String(rescinded['value']))) {
      return this.#tolerate('offers-cut-differently', 'rescinded: an offer that came with another');
    }
    const repeated = this.#isRepetition(recorded) && this.#tolerates.includes('update-repeated');
    const found = await this.#findEvent(opened, recorded, repeated ? 300 : patienceMs);
    if (!found && repeated) return this.#tolerate('update-repeated', `recorded again: ${line.data}`);
    if (!found) return this.#miss(`did not come: ${this.#brief(recorded)}`);
    found.claimed = true;
    const uuid = uuidOf(found.event);
    if (uuid !== undefined) this.#claimedUuids.add(uuid);
    this.#ids.learn(recorded, found.event);
    const translated: unknown = JSON.parse(this.#ids.translate(JSON.stringify(recorded)));
    const wrong = opened.isOperators
      ? shapeDifferences(translated, found.event).wrong
      : differences(this.#withoutSizes(translated), this.#withoutSizes(found.event));
    for (const difference of wrong) {
      this.#differ(`${this.#brief(recorded)}: ${difference}`);
    }
  }

  async #findEvent(
    opened: Opened,
    recorded: Readonly<Record<string, unknown>>,
    forMs: number,
  ): Promise<PlayedEvent | undefined> {
    const key = this.#key(recorded, true);
    const recordedUuid = uuidOf(recorded);
    const isNew = recordedUuid === undefined || !this.#ids.knows(recordedUuid);
    const isCounterpart = ({ event, claimed }: PlayedEvent) =>
      !claimed && this.#key(event, false) === key && !(isNew && this.#isClaimed(event));
    const find = () => opened.events.find(isCounterpart);
    await this.#until(() => find() !== undefined, { forMs, slackMs: 1000 });
    return find();
  }

  /** What was available to a task that asked for too much is as large as its offer. */
  #withoutSizes(event: unknown): unknown {
    if (!this.#tolerates.includes('offers-cut-differently')) return event;
    return JSON.parse(JSON.stringify(event).replace(/(more than available) [^"]*/, '$1'));
  }

  /** One with the same uuid has had its counterpart: this is a repetition of it. */
  #isClaimed(event: Readonly<Record<string, unknown>>): boolean {
    const uuid = uuidOf(event);
    return uuid !== undefined && this.#claimedUuids.has(uuid);
  }

  /** What makes an event the counterpart of another: type, and what it is about. States must agree in order. */
  #key(event: Readonly<Record<string, unknown>>, recorded: boolean): string {
    const type = String(event['type']);
    const body = event[type.toLowerCase()];
    const text = JSON.stringify([type, isObject(body) ? subjectOf(type, body) : undefined]);
    return recorded ? this.#ids.translate(text) : text;
  }

  /** An update that came before, with the same uuid. */
  #isRepetition(recorded: Readonly<Record<string, unknown>>): boolean {
    const uuid = uuidOf(recorded);
    if (uuid === undefined) return false;
    if (this.#repeated.has(uuid)) return true;
    this.#repeated.add(uuid);
    return false;
  }

  async #offers(opened: Opened, recorded: Readonly<Record<string, unknown>>): Promise<void> {
    const { offers } = recorded['offers'] as { offers: readonly WireOffer[] };
    const translated = offers.map((offer) => ({ offer, here: this.#translated(offer) }));
    const all = (can: (here: WireOffer) => boolean) => () => translated.every(({ here }) => can(here));
    // An offer of another size may come before the one that was recorded.
    const exactly = all((here) => opened.offers.canClaimExactly(here));
    if (!(await this.#until(exactly, { forMs: 400, slackMs: 1000 }))) {
      await this.#until(all((here) => opened.offers.canClaim(here)));
    }
    for (const { offer, here } of translated) {
      const claim = opened.offers.claim(here);
      const what = `${offer.id.value} of ${offer.hostname}`;
      if (claim && claim.kind !== 'merged') this.#ids.learn(offer, claim.offer);
      if (!claim) this.#miss(`not offered: ${what} (${offer.allocation_info?.role})`);
      else if (claim.kind === 'split') {
        this.#tolerate('offers-cut-differently', `${what}: ${claim.differences.join('; ')}`);
      } else if (claim.kind === 'other-role') {
        this.#tolerate('offers-of-another-role', `${what} was for another role`);
      } else if (claim.kind === 'merged')
        this.#tolerate('offers-cut-differently', `${what} came with another`);
    }
  }

  /** Offers of a section that is left out may be used after it. */
  #noteOffers(line: TranscriptLine): void {
    if (line.kind !== 'record' || !line.data?.startsWith('{"type":"OFFERS"')) return;
    this.#scan();
    const { offers } = JSON.parse(line.data) as { offers: { offers: readonly WireOffer[] } };
    for (const offer of offers.offers) this.#open.get(line.conn)?.offers.claim(this.#translated(offer));
  }

  /** A recorded offer as the simulator would name it, but with its recorded id, by which calls will name it. */
  #translated(offer: WireOffer): WireOffer {
    const here = JSON.parse(this.#ids.translate(JSON.stringify(offer))) as WireOffer;
    return { ...here, id: offer.id };
  }

  async #last(opened: Opened): Promise<void> {
    const answer = opened.raw.answers[opened.answersSeen - 1];
    if (!(await this.#until(() => answer?.complete === true))) this.#miss('the stream does not end');
  }

  async #closed(opened: Opened, line: Line<'closed'>): Promise<void> {
    opened.isClosed = true;
    if (line.by !== 'peer') {
      await this.#advanceTo(line.t);
      return opened.raw.close();
    }
    if (!(await this.#until(() => opened.raw.closedByPeer))) this.#miss('the peer does not close');
  }

  get #elapsedMs(): number {
    return this.#cluster.nowMs() - this.#beganMs;
  }

  /** Some of it passes in real time: processes have to begin before they can be killed. */
  async #advanceTo(recordedMs: number): Promise<void> {
    const byMs = recordedMs - this.#elapsedMs;
    if (byMs > 20) await pause(Math.min(byMs, 100));
    while (this.#elapsedMs < recordedMs) {
      await this.#cluster.advance(Math.min(250, recordedMs - this.#elapsedMs));
      await pause(0);
    }
  }

  /**
   * Simulated time goes to that of the recorded line at once; for what the cluster does by itself also a second beyond
   * it, as timers are not as punctual as that. Then real time, which processes need, goes first.
   */
  async #until(condition: () => boolean, wait: { forMs?: number; slackMs?: number } = {}): Promise<boolean> {
    const { forMs = patienceMs, slackMs = 0 } = wait;
    const patience = this.#missed > 0 ? Math.min(forMs, 2000) : forMs;
    const beganMs = performance.now();
    for (let waitedMs = 0; waitedMs < patience; waitedMs = performance.now() - beganMs) {
      this.#scan();
      if (condition()) return true;
      const aheadMs = this.#lineMs - this.#elapsedMs;
      if (aheadMs > 0) await this.#cluster.advance(Math.min(aheadMs, 100));
      else if (aheadMs > -slackMs) await this.#cluster.advance(10);
      else if (waitedMs > patience / 2) await this.#cluster.advance(50);
      await pause(waitedMs < 20 ? 0 : 5);
    }
    return false;
  }

  /** Reads what has come on all connections. */
  #scan(): void {
    for (const opened of this.#all) {
      for (const record of opened.raw.records.filter((each) => !each.claimed)) {
        record.claimed = true;
        this.#took(opened, JSON.parse(record.bytes.toString()) as Readonly<Record<string, unknown>>);
      }
      for (const fault of opened.raw.faults.splice(0)) this.#differ(fault);
    }
  }

  #took(opened: Opened, event: Readonly<Record<string, unknown>>): void {
    opened.events.push({ event, claimed: event['type'] === 'OFFERS' });
    if (event['type'] === 'OFFERS') {
      for (const offer of (event['offers'] as { offers: WireOffer[] }).offers) opened.offers.offered(offer);
    } else if (event['type'] === 'RESCIND') {
      opened.offers.rescinded((event['rescind'] as { offer_id: { value: string } }).offer_id.value);
    }
  }

  #reportUnclaimed(): void {
    const uuids = new Set<string>();
    for (const opened of this.#all) {
      this.#where = `at the end, ${opened.label}`;
      for (const { event, claimed } of opened.events) {
        const uuid = uuidOf(event);
        const again = uuid !== undefined && uuids.has(uuid);
        if (uuid !== undefined) uuids.add(uuid);
        if (claimed || event['type'] === 'HEARTBEAT') continue;
        if (event['type'] === 'RESCIND')
          this.#tolerate('offers-cut-differently', 'a further one is rescinded');
        else if (again) this.#tolerate('update-repeated', this.#brief(event));
        else this.#differ(`not recorded: ${this.#brief(event)}`);
      }
      for (const offer of opened.offers.extra) this.#tolerate('further-offers', offer.hostname);
    }
  }

  #brief(event: Readonly<Record<string, unknown>>): string {
    const update = event['update'];
    const status = isObject(update) ? update['status'] : undefined;
    if (isObject(status) && isObject(status['task_id'])) {
      return `UPDATE ${String(status['task_id']['value'])} ${String(status['state'])} ${String(status['message'] ?? '')}`.trimEnd();
    }
    const text = JSON.stringify(event);
    return text.length > 160 ? `${text.slice(0, 160)}…` : text;
  }

  #differ(what: string): void {
    this.#differences.push(`${this.#where}: ${what}`);
  }

  #miss(what: string): void {
    this.#missed += 1;
    this.#differ(what);
  }

  #tolerate(kind: Tolerance, what: string): void {
    this.#tolerated.push({ kind, what: `${this.#where}: ${what}` });
  }
}

/** Which task, offer, executor or operation an event is about. */
function subjectOf(type: string, body: Readonly<Record<string, unknown>>): unknown {
  const status = isObject(body['status']) ? body['status'] : {};
  if (type === 'UPDATE') return [status['task_id'], status['source'] === 'SOURCE_MASTER'];
  if (type === 'TASK_UPDATED') return [status['task_id'], status['state']];
  return body['offer_id'] ?? body['executor_id'] ?? status['operation_id'];
}

function uuidOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const update = event['update'];
  const status = isObject(update) ? update['status'] : undefined;
  const uuid = isObject(status) ? status['uuid'] : undefined;
  return typeof uuid === 'string' ? uuid : undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms === 0) setImmediate(() => setImmediate(resolve));
    else setTimeout(resolve, ms);
  });
}
