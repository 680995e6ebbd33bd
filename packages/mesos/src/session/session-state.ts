/**
 * The life of a subscription:
 *
 *     IDLE → DETECTING → SUBSCRIBING → SUBSCRIBED → LOST → DETECTING → …
 *
 * and from a master's or a leader's word → STEPPED_DOWN | REMOVED | REFUSED, which only a new start leaves.
 */
export const sessionStates = [
  'IDLE',
  /** Asking for the masters' addresses. */
  'DETECTING',
  /** SUBSCRIBE was sent; a stream alone is no subscription yet, because refusals come on it, too. */
  'SUBSCRIBING',
  'SUBSCRIBED',
  /** Waiting until the next attempt. */
  'LOST',
  /** Another subscriber has the framework, or another instance leads. */
  'STEPPED_DOWN',
  /** The master has removed the framework. */
  'REMOVED',
  /** No attempt can succeed as things are. */
  'REFUSED',
] as const;

export type SessionState = (typeof sessionStates)[number];

export const sessionEvents = [
  'started',
  'masters-found',
  /** This master is not it: the next one is asked. */
  'next-master',
  'subscribed',
  'lost',
  'retried',
  'stepped-down',
  'removed',
  'refused',
  'stopped',
] as const;

export type SessionEvent = (typeof sessionEvents)[number];

const legalTransitions: { readonly [S in SessionState]: { readonly [E in SessionEvent]?: SessionState } } = {
  IDLE: { started: 'DETECTING', 'stepped-down': 'STEPPED_DOWN', stopped: 'IDLE' },
  DETECTING: {
    'masters-found': 'SUBSCRIBING',
    lost: 'LOST',
    'stepped-down': 'STEPPED_DOWN',
    stopped: 'IDLE',
  },
  SUBSCRIBING: {
    'next-master': 'SUBSCRIBING',
    subscribed: 'SUBSCRIBED',
    lost: 'LOST',
    'stepped-down': 'STEPPED_DOWN',
    removed: 'REMOVED',
    refused: 'REFUSED',
    stopped: 'IDLE',
  },
  SUBSCRIBED: { lost: 'LOST', 'stepped-down': 'STEPPED_DOWN', removed: 'REMOVED', stopped: 'IDLE' },
  LOST: { retried: 'DETECTING', 'stepped-down': 'STEPPED_DOWN', stopped: 'IDLE' },
  STEPPED_DOWN: { started: 'DETECTING', stopped: 'IDLE' },
  REMOVED: { started: 'DETECTING', 'stepped-down': 'STEPPED_DOWN', stopped: 'IDLE' },
  REFUSED: { started: 'DETECTING', 'stepped-down': 'STEPPED_DOWN', stopped: 'IDLE' },
};

/** The state after an event; undefined when the event is not legal in this state. */
export function apply(state: SessionState, event: SessionEvent): SessionState | undefined {
  return legalTransitions[state][event];
}
