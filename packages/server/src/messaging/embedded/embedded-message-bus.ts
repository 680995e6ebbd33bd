import type { Logger } from '../../base/logger.ts';
import { BusUnavailableError, type MessageBus, type Subscription } from '../message-bus.ts';
import type { Topic } from '../topics.ts';
import { MessageQueue } from './message-queue.ts';

const published = Promise.resolve();

interface EmbeddedMessageBusDeps {
  readonly logger: Logger;
  /** Messages that a topic holds while no consumer has room; one more is refused. */
  readonly maxWaiting?: number;
}

type Handler = (message: unknown) => void | Promise<void>;

/** One consumer of a topic. */
class Consumer<M> implements Subscription<M> {
  readonly #channel: Channel;
  readonly #handler: Handler;
  readonly #logger: Logger;
  #maxInFlight: number;
  #inFlight = 0;

  constructor(channel: Channel, handler: Handler, options: { maxInFlight: number; logger: Logger }) {
    this.#channel = channel;
    this.#handler = handler;
    this.#maxInFlight = options.maxInFlight;
    this.#logger = options.logger;
  }

  get waiting(): number {
    return this.#channel.queue.length;
  }

  get hasRoom(): boolean {
    return this.#inFlight < this.#maxInFlight;
  }

  setMaxInFlight(count: number): void {
    this.#maxInFlight = count;
    this.#channel.pump();
  }

  /** Calls the handler; counts the message as in flight when that takes a promise. */
  take(message: unknown): void {
    let pending: void | Promise<void>;
    try {
      pending = this.#handler(message);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (pending === undefined) return;
    this.#inFlight += 1;
    pending.then(this.#settled, this.#rejected);
  }

  async close(): Promise<readonly M[]> {
    // What the topic holds was published as messages of this topic's type.
    return this.#channel.leave(this) as M[];
  }

  readonly #settled = (): void => {
    this.#inFlight -= 1;
    this.#channel.pump();
  };

  readonly #rejected = (error: unknown): void => {
    this.#failed(error);
    this.#settled();
  };

  #failed(error: unknown): void {
    this.#logger.error({ err: error, topic: this.#channel.name }, 'A message handler failed');
  }
}

/** The messages and the consumers of one topic. */
class Channel {
  readonly name: string;
  readonly queue = new MessageQueue<unknown>();
  readonly #consumers: Consumer<unknown>[] = [];
  #next = 0;
  #pumping = false;

  constructor(name: string) {
    this.name = name;
  }

  join(consumer: Consumer<unknown>): void {
    this.#consumers.push(consumer);
    this.pump();
  }

  /** The last consumer to leave takes what waits with it. */
  leave(consumer: Consumer<unknown>): unknown[] {
    const at = this.#consumers.indexOf(consumer);
    if (at < 0) return [];
    this.#consumers.splice(at, 1);
    return this.#consumers.length === 0 ? this.queue.drain() : [];
  }

  /** The consumer whose turn it is among those with room. */
  free(): Consumer<unknown> | undefined {
    const count = this.#consumers.length;
    for (let tried = 0; tried < count; tried++) {
      const at = (this.#next + tried) % count;
      const consumer = this.#consumers[at];
      if (consumer?.hasRoom) {
        this.#next = at + 1;
        return consumer;
      }
    }
    return undefined;
  }

  /** Gives out what waits. A handler that publishes meanwhile only adds to what this loop gives out. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.queue.length > 0) {
      const consumer = this.free();
      if (!consumer) break;
      consumer.take(this.queue.shift());
    }
    this.#pumping = false;
  }

  /** A message may be handed over at once only when none came before it. */
  get idle(): boolean {
    return this.queue.length === 0 && !this.#pumping;
  }
}

/**
 * The bus inside one process. Objects are handed over as they are, within `publish` itself when a consumer has
 * room, so that a message costs a function call.
 */
export class EmbeddedMessageBus implements MessageBus {
  readonly #channels = new Map<string, Channel>();
  readonly #logger: Logger;
  readonly #maxWaiting: number;
  #closed = false;

  private constructor(deps: EmbeddedMessageBusDeps) {
    this.#logger = deps.logger;
    this.#maxWaiting = deps.maxWaiting ?? 100_000;
  }

  static open(deps: EmbeddedMessageBusDeps): EmbeddedMessageBus {
    return new EmbeddedMessageBus(deps);
  }

  publish<M>(topic: Topic<M>, message: M): Promise<void> {
    if (this.#closed) return Promise.reject(new BusUnavailableError('The message bus is closed'));
    const channel = this.#channel(topic.name);
    const consumer = channel.idle ? channel.free() : undefined;
    if (consumer) {
      consumer.take(message);
      return published;
    }
    if (channel.queue.length >= this.#maxWaiting) {
      return Promise.reject(new BusUnavailableError(`The queue of ${topic.name} is full`));
    }
    channel.queue.push(message);
    return published;
  }

  subscribe<M>(
    topic: Topic<M>,
    options: { readonly maxInFlight: number },
    handler: (message: M) => void | Promise<void>,
  ): Subscription<M> {
    const channel = this.#channel(topic.name);
    const consumer = new Consumer<M>(channel, handler as Handler, { ...options, logger: this.#logger });
    channel.join(consumer as Consumer<unknown>);
    return consumer;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#channels.clear();
  }

  #channel(name: string): Channel {
    let channel = this.#channels.get(name);
    if (!channel) {
      channel = new Channel(name);
      this.#channels.set(name, channel);
    }
    return channel;
  }
}
