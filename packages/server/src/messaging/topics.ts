import type {
  AcknowledgementMessage,
  ActionLimits,
  ActivationMessage,
  PingMessage,
} from '@vibrissa/protocol';

declare const payload: unique symbol;

/** A named channel of one kind of message. */
export interface Topic<M> {
  readonly name: string;
  readonly [payload]?: M;
}

/** What is known of a run that an invoker had to stop; its record is the controller's to write. */
export interface StoppedRun {
  readonly message: ActivationMessage;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly kind: string;
  readonly limits: ActionLimits;
  /** As far as they had come. */
  readonly logs: readonly string[];
}

/** The only place where controller and invoker meet: OpenWhisk's topic names, typed. */
export const topics = {
  invoker: (id: number): Topic<ActivationMessage> => ({ name: `invoker${id}` }),
  completed: (controller: string): Topic<AcknowledgementMessage> => ({ name: `completed${controller}` }),
  health: { name: 'health' } as Topic<PingMessage>,
};
