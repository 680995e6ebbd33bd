import type { ActivationMessage } from '@vibrissa/protocol';
import type { MessageBus, Subscription } from '../messaging/message-bus.ts';
import { topics } from '../messaging/topics.ts';

export interface ActivationFeedDeps {
  readonly bus: MessageBus;
  readonly invoker: number;
  /** Takes one message; a promise says that there is no room before it settles. */
  readonly take: (message: ActivationMessage) => Promise<void> | undefined;
}

/** Brings activations from the bus, no more than the pool can hold. */
export class ActivationFeed {
  readonly #subscription: Subscription<ActivationMessage>;
  #closed: Promise<readonly ActivationMessage[]> | undefined;

  private constructor(deps: ActivationFeedDeps) {
    // A message that is taken at once is not in flight: the bus stops only while the pool says that it is full.
    this.#subscription = deps.bus.subscribe(topics.invoker(deps.invoker), { maxInFlight: 1 }, deps.take);
  }

  static open(deps: ActivationFeedDeps): ActivationFeed {
    return new ActivationFeed(deps);
  }

  /** Takes no more; resolves with what waited in the bus. Idempotent: a second call gives the same. */
  close(): Promise<readonly ActivationMessage[]> {
    return (this.#closed ??= this.#subscription.close());
  }
}
