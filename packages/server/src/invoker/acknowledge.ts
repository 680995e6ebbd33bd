import {
  WHISK_ERROR,
  type AcknowledgementMessage,
  type ActivationMessage,
  type ActivationRecord,
} from '@vibrissa/protocol';
import type { Logger } from '../base/logger.ts';
import type { MessageBus } from '../messaging/message-bus.ts';
import { topics } from '../messaging/topics.ts';

/** The controller to which acknowledgements go, while there is one. */
const CONTROLLER = '0';

/** Tells the controller what became of an activation. A bus that fails costs the waiter its answer, not the record. */
export class Acknowledger {
  readonly #bus: MessageBus;
  readonly #invoker: number;
  readonly #logger: Logger;
  readonly #topic = topics.completed(CONTROLLER);

  private constructor(bus: MessageBus, invoker: number, logger: Logger) {
    this.#bus = bus;
    this.#invoker = invoker;
    this.#logger = logger;
  }

  static open(bus: MessageBus, invoker: number, logger: Logger): Acknowledger {
    return new Acknowledger(bus, invoker, logger);
  }

  /** It is over: here is its record, and its slot is free. */
  combined({ transactionId }: ActivationMessage, record: ActivationRecord): AcknowledgementMessage {
    const isSystemError = record.response.statusCode === WHISK_ERROR;
    return { type: 'combined', transactionId, record, isSystemError, invoker: this.#invoker };
  }

  /** Here is its record; its slot is still taken. */
  result({ transactionId }: ActivationMessage, record: ActivationRecord): AcknowledgementMessage {
    return { type: 'result', transactionId, record };
  }

  /** Its record has gone before; its slot is free. */
  completion(
    { transactionId, activationId }: ActivationMessage,
    record: ActivationRecord,
  ): AcknowledgementMessage {
    const isSystemError = record.response.statusCode === WHISK_ERROR;
    return { type: 'completion', transactionId, activationId, isSystemError, invoker: this.#invoker };
  }

  /** Its slot is free, and its record could not be written. */
  unrecorded({ transactionId, activationId }: ActivationMessage): AcknowledgementMessage {
    return {
      type: 'completion',
      transactionId,
      activationId,
      isSystemError: true,
      unrecorded: true,
      invoker: this.#invoker,
    };
  }

  send(message: AcknowledgementMessage): void {
    this.#bus.publish(this.#topic, message).catch((error: unknown) => {
      const { transactionId } = message;
      this.#logger.error({ err: error, transactionId }, 'Could not send an acknowledgement');
    });
  }
}
