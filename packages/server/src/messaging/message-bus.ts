/**
 * Carries messages between controllers and invokers.
 *
 * A *topic* has any number of producers; a *subscription* takes its messages in order, one consumer each. A
 * consumer that returns a promise is not given more than `maxInFlight` messages at a time: the rest wait in the bus.
 *
 *     const feed = bus.subscribe(topics.invoker(0), { maxInFlight: 16 }, async (message) => …);
 *     await bus.publish(topics.invoker(0), message);
 *     await feed.close();                                  // unsent messages are handed back
 */
import type { Topic } from './topics.ts';

export interface Subscription<M> {
  /** Changes how many may be in flight. */
  setMaxInFlight(count: number): void;
  /** Messages that wait in the bus. */
  readonly waiting: number;
  /** Takes no more; resolves with what waited and was not given out. */
  close(): Promise<readonly M[]>;
}

export interface MessageBus {
  /** Resolves when the bus has the message; a full, closed or broken bus throws {@link BusUnavailableError}. */
  publish<M>(topic: Topic<M>, message: M): Promise<void>;
  /** The handler returns nothing (done at once) or a promise (in flight until it settles); it never throws. */
  subscribe<M>(
    topic: Topic<M>,
    options: { readonly maxInFlight: number },
    handler: (message: M) => void | Promise<void>,
  ): Subscription<M>;
  close(): Promise<void>;
}

/** The bus could not take a message: it is full, closed, or cannot be reached. */
export class BusUnavailableError extends Error {
  override readonly name = 'BusUnavailableError';
  readonly code = 'BUS_UNAVAILABLE';
}
