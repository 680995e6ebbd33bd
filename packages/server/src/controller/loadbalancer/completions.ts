import type { AcknowledgementMessage, ActivationMessage, ActivationRecord } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import { Deadlines, type Deadline } from '../../base/deadlines.ts';
import type { Counter, Metrics } from '../../base/metrics.ts';
import { InFlightCounts, type NamespaceCount } from './in-flight-counts.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Need } from './schedule.ts';

/** Who waits for the result of one activation. Any of these may come more than once: only the first counts. */
export interface Waiter {
  /** Its record has come. */
  finished(record: ActivationRecord): void;
  /** Its place is free again: no record will come after this. */
  completed(): void;
  /** Nothing was heard of it for too long. */
  lost(): void;
  /** Its intent or its record is durable: the client may go with the id alone. */
  accepted(): void;
  /** It can't run, or nothing can be promised of it. */
  unavailable(): void;
}

/** An activation between its admission and its completion. */
export interface Flight {
  readonly message: ActivationMessage;
  readonly need: Need;
  readonly invoker: number;
  readonly count: NamespaceCount;
  readonly deadline: Deadline<Flight>;
  waiter: Waiter | undefined;
  /** The bus has it, or had: an invoker may know of it. */
  published: boolean;
  /** Its invoker is done with it: whatever the journal keeps of it is there. */
  ended: boolean;
}

interface CompletionsDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly balancer: LoadBalancer;
  /** Told of an activation of which nothing was heard for too long, after its place was freed by force. */
  readonly onLost: (message: ActivationMessage) => void;
}

const SHORTEST_LIMIT_MS = 60_000;
const ADDED_MS = 60_000;

/**
 * How long an activation may take from its admission until it is given up: twice its time limit (at least a minute's)
 * and a minute, in whole seconds so that few durations are in use.
 */
export function giveUpAfterMs(timeLimitMs: number): number {
  return Math.ceil((Math.max(timeLimitMs, SHORTEST_LIMIT_MS) * 2 + ADDED_MS) / 1000) * 1000;
}

/**
 * All activations on their way, and what they hold: a place on an invoker and a count of their namespace. Both are given
 * back exactly once, by an acknowledgement or by force.
 */
export class Completions {
  readonly counts = new InFlightCounts();
  readonly #balancer: LoadBalancer;
  readonly #onLost: (message: ActivationMessage) => void;
  readonly #flights = new Map<string, Flight>();
  readonly #deadlines: Deadlines<Flight>;
  readonly #regular: Counter;
  readonly #forced: Counter;
  readonly #late: Counter;
  #contentChars = 0;
  #whenEmpty: (() => void)[] = [];

  private constructor(deps: CompletionsDeps) {
    this.#balancer = deps.balancer;
    this.#onLost = deps.onLost;
    this.#deadlines = Deadlines.open(deps.clock, (flight) => this.#giveUp(flight));
    this.#regular = deps.metrics.counter('counter_loadbalancer_completionAck_total', 'regular');
    this.#forced = deps.metrics.counter('counter_loadbalancer_completionAck_total', 'forced');
    this.#late = deps.metrics.counter('counter_loadbalancer_completionAck_total', 'regularAfterForced');
    deps.metrics.gauge('gauge_loadbalancer_activationsInflight_counter', () => this.#flights.size);
  }

  static open(deps: CompletionsDeps): Completions {
    return new Completions(deps);
  }

  /** Admits an activation that has its place on `invoker`. */
  admit(message: ActivationMessage, placed: { invoker: number; need: Need; timeLimitMs: number }): Flight {
    const { invoker, need } = placed;
    const count = this.counts.enter(message.user.namespace.uuid);
    // The deadline needs its flight and the flight its deadline: the cast closes the circle one line later.
    const flight = {
      message,
      need,
      invoker,
      count,
      waiter: undefined,
      published: false,
      ended: false,
    } as Omit<Flight, 'deadline'> & {
      deadline: Deadline<Flight>;
    };
    flight.deadline = this.#deadlines.add(giveUpAfterMs(placed.timeLimitMs), flight);
    this.#flights.set(message.activationId, flight);
    this.#contentChars += message.content?.length ?? 0;
    return flight;
  }

  /** Takes what an invoker says. One for an unknown activation is counted and ignored. */
  acknowledge(message: AcknowledgementMessage): void {
    const activationId = message.type === 'completion' ? message.activationId : message.record.activationId;
    const flight = this.#flights.get(activationId);
    if (!flight) {
      if (message.type !== 'result') this.#late.add();
      return;
    }
    flight.ended = true;
    if (message.type !== 'completion') flight.waiter?.finished(message.record);
    if (message.type === 'result') return;
    this.#regular.add();
    this.release(activationId);
    if (message.type === 'completion' && message.unrecorded) flight.waiter?.unavailable();
    else flight.waiter?.completed();
  }

  /** Gives back what an activation holds, if it holds anything (any more). */
  release(activationId: string): void {
    const flight = this.#flights.get(activationId);
    if (!flight) return;
    this.#flights.delete(activationId);
    this.#deadlines.remove(flight.deadline);
    this.#balancer.free(flight.invoker, flight.need);
    this.counts.leave(flight.count);
    this.#contentChars -= flight.message.content?.length ?? 0;
    if (this.#flights.size === 0) this.#announceEmpty();
  }

  get(activationId: string): Flight | undefined {
    return this.#flights.get(activationId);
  }

  /** How many are on their way. */
  get size(): number {
    return this.#flights.size;
  }

  /** Characters of the arguments of all that are on their way. */
  get contentChars(): number {
    return this.#contentChars;
  }

  /** In the order of their admission. */
  flights(): IterableIterator<Flight> {
    return this.#flights.values();
  }

  /** Resolves when none is on its way. */
  empty(): Promise<void> {
    if (this.#flights.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  close(): void {
    this.#deadlines.close();
  }

  #giveUp(flight: Flight): void {
    this.release(flight.message.activationId);
    this.#forced.add();
    flight.waiter?.lost();
    this.#onLost(flight.message);
  }

  #announceEmpty(): void {
    if (this.#whenEmpty.length === 0) return;
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
