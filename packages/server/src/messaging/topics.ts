import type { AcknowledgementMessage, ActivationMessage, PingMessage } from '@vibrissa/protocol';

declare const payload: unique symbol;

/** A named channel of one kind of message. */
export interface Topic<M> {
  readonly name: string;
  readonly [payload]?: M;
}

/** The only place where controller and invoker meet: OpenWhisk's topic names, typed. */
export const topics = {
  invoker: (id: number): Topic<ActivationMessage> => ({ name: `invoker${id}` }),
  completed: (controller: string): Topic<AcknowledgementMessage> => ({ name: `completed${controller}` }),
  health: { name: 'health' } as Topic<PingMessage>,
};
