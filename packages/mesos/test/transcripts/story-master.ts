import type { Socket } from 'node:net';
import type { MesosEvent, WireOffer } from '../../src/wire/index.ts';
import type { SeenRequest } from './http-requests.ts';
import { response, ScriptedServer } from './scripted-server.ts';

interface Subscription {
  readonly request: SeenRequest;
  readonly socket: Socket;
}

/** What one subscription was offered, and the calls that were made for it. */
export interface SeenSubscription {
  /** Ids. */
  readonly offered: ReadonlySet<string>;
  readonly calls: readonly SeenCall[];
}

/** A call as it came, without knowledge of its type. */
export interface SeenCall {
  readonly type: string;
  readonly framework_id?: { readonly value: string };
  readonly [body: string]: unknown;
}

/** Nothing takes that long: a story that waits longer has gone wrong, and says for what it waited. */
const patienceMs = 25_000;

/** The master of a story: it says what it is told to say, accepts every call and remembers it. */
export class StoryMaster {
  readonly #server: ScriptedServer;
  readonly #subscriptions: Subscription[];
  readonly #offers: ReadonlyMap<string, WireOffer>;
  #taken = 0;
  #stream: Socket | undefined;
  #offersMade = 0;
  /** Of each subscription: the offers that were made to it, and the id of its stream, by which its calls are known. */
  readonly #offered: { readonly ids: Set<string>; streamId?: string }[] = [];

  private constructor(
    server: ScriptedServer,
    subscriptions: Subscription[],
    offers: ReadonlyMap<string, WireOffer>,
  ) {
    this.#server = server;
    this.#subscriptions = subscriptions;
    this.#offers = offers;
  }

  static async open(offers: ReadonlyMap<string, WireOffer>): Promise<StoryMaster> {
    const subscriptions: Subscription[] = [];
    const server = await ScriptedServer.open((request, socket) => {
      const { type } = JSON.parse(request.body) as SeenCall;
      if (type === 'SUBSCRIBE') subscriptions.push({ request, socket });
      else socket.write(response(type === 'UPDATE_FRAMEWORK' ? '200 OK' : '202 Accepted'));
    });
    return new StoryMaster(server, subscriptions, offers);
  }

  get url(): string {
    return this.#server.url;
  }

  get isSubscribed(): boolean {
    return this.#stream !== undefined;
  }

  get calls(): readonly SeenCall[] {
    return this.#server.calls();
  }

  /** A call is of the subscription whose stream it names: those of a former one may come after the next SUBSCRIBE. */
  get subscriptions(): readonly SeenSubscription[] {
    const seen = this.#server.requests.map(({ headers, body }) => ({
      streamId: headers['mesos-stream-id'],
      call: JSON.parse(body) as SeenCall,
    }));
    return this.#offered.map(({ ids, streamId }) => ({
      offered: ids,
      calls: seen.flatMap((each) =>
        streamId !== undefined && each.streamId === streamId ? [each.call] : [],
      ),
    }));
  }

  /** Waits for the next SUBSCRIBE; what is said from now on goes to it. */
  async subscribed(): Promise<SeenCall> {
    const subscription = await this.waitFor(() => this.#subscriptions[this.#taken], 'a SUBSCRIBE');
    this.#taken += 1;
    this.#stream = subscription.socket;
    this.#offered.push({ ids: new Set() });
    return JSON.parse(subscription.request.body) as SeenCall;
  }

  /** The head of the answer to a SUBSCRIBE. */
  begin(head: Buffer): void {
    const [, streamId] = /^mesos-stream-id: *(\S+)/im.exec(head.toString('latin1')) ?? [];
    const subscription = this.#offered.at(-1);
    if (subscription && streamId !== undefined) subscription.streamId = streamId;
    this.write(head);
  }

  write(bytes: Buffer): void {
    this.#stream?.write(bytes);
  }

  /** One record, in a chunk of its own. */
  say(record: Buffer): void {
    const event = JSON.parse(record.toString()) as MesosEvent;
    for (const { id } of event.type === 'OFFERS' ? event.offers.offers : [])
      this.#offered.at(-1)?.ids.add(id.value);
    const framed = Buffer.concat([Buffer.from(`${record.length}\n`), record]);
    this.write(
      Buffer.concat([Buffer.from(`${framed.length.toString(16)}\r\n`), framed, Buffer.from('\r\n')]),
    );
  }

  /** Offers all of every agent, under new ids. */
  offerAll(): void {
    const offers = [...this.#offers.values()].map((offer) => ({
      ...offer,
      id: { value: `story-O${this.#offersMade++}` },
    }));
    this.say(Buffer.from(JSON.stringify({ type: 'OFFERS', offers: { offers } })));
  }

  /** The end of the response, which leaves the connection open. */
  end(): void {
    this.write(Buffer.from('0\r\n\r\n'));
    this.#stream = undefined;
  }

  cut(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }

  /** Waits until a call of this kind has come. */
  async called(fits: (call: SeenCall) => boolean, what: string): Promise<SeenCall> {
    return this.waitFor(() => this.calls.find(fits), what);
  }

  async waitFor<Value>(find: () => Value | undefined, what: string): Promise<Value> {
    const deadlineMs = performance.now() + patienceMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (performance.now() > deadlineMs) throw new Error(`There was no ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
