/**
 * What can go wrong with messages. A *rule* says where, with which message and how often; its *fault* says what. Calls
 * are what frameworks post to the scheduler's path, events are the records of their streams, and messages of agents
 * are what passes between a master and its agents.
 */
export type FaultPlace = 'calls' | 'events' | 'to-agent' | 'from-agent';

export type Fault =
  /** A call: the connection breaks, nobody has heard it. Anything else is lost without a trace. */
  | { readonly kind: 'drop' }
  /** It comes so much later; of an event or an agent's message, everything behind it on the same line as well. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'duplicate' }
  /** It is held back until the next one of its line has passed. */
  | { readonly kind: 'reorder' }
  /** Calls: the answer, without the master having heard it. */
  | { readonly kind: 'refuse'; readonly status: number; readonly text: string }
  /** Calls: 202, without the master having heard it. */
  | { readonly kind: 'swallow' }
  /** Calls: the master hears it, and the connection breaks before the answer. */
  | { readonly kind: 'lose-answer' }
  /** Events: from here on nothing arrives on the stream, and neither side notices. */
  | { readonly kind: 'half-open' }
  /** Events: these bytes come before the record. */
  | { readonly kind: 'garbage'; readonly data: string }
  /** Events: half of the record comes, then the connection breaks. */
  | { readonly kind: 'cut' }
  /** Events: the stream ends in good order instead of the record. */
  | { readonly kind: 'end' };

export interface FaultRule {
  readonly on: FaultPlace;
  readonly fault: Fault;
  /** Only messages of this type: `ACCEPT`, `UPDATE`, `run-task`, … */
  readonly type?: string;
  readonly frameworkId?: string;
  /** Only to or from this agent, counted from 1. */
  readonly agent?: number;
  /** How often it strikes; default for ever. */
  readonly times?: number;
  /** How many matching messages pass before it strikes; default none. */
  readonly skip?: number;
}

/** A fault as it is given: what is left out has a default. */
export type GivenFault =
  | Exclude<Fault, { readonly kind: 'refuse' | 'garbage' }>
  /** Default: 503 and what a master says that has not recovered. */
  | { readonly kind: 'refuse'; readonly status?: number; readonly text?: string }
  /** Default: a line that is no record. */
  | { readonly kind: 'garbage'; readonly data?: string };

/** A rule as it is given. */
export type GivenFaultRule = Omit<FaultRule, 'fault'> & { readonly fault: GivenFault };

const everywhere = ['calls', 'events', 'to-agent', 'from-agent'] as const;

/** Where each fault makes sense. */
export const placesOfFaults: Readonly<Record<Fault['kind'], readonly FaultPlace[]>> = {
  drop: everywhere,
  delay: everywhere,
  duplicate: everywhere,
  reorder: everywhere,
  refuse: ['calls'],
  swallow: ['calls'],
  'lose-answer': ['calls'],
  'half-open': ['events'],
  garbage: ['events'],
  cut: ['events'],
  end: ['events'],
};
