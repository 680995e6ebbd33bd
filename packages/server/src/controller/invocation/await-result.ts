import { errorTexts, type ActivationRecord } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import { Deadlines, type Deadline } from '../../base/deadlines.ts';
import type { Flight, Waiter } from '../loadbalancer/completions.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';

/** A client that waits for one activation. It is answered once; what comes later is ignored. */
class BlockingWait implements Waiter {
  readonly #flight: Flight;
  readonly #waits: ResultWaits;
  readonly #deadline: Deadline<Flight>;
  #answer: ((outcome: InvokeOutcome) => void) | undefined;

  constructor(
    waits: ResultWaits,
    flight: Flight,
    wait: { ms: number; answer: (outcome: InvokeOutcome) => void },
  ) {
    this.#flight = flight;
    this.#waits = waits;
    this.#answer = wait.answer;
    this.#deadline = waits.deadlines.add(wait.ms, flight);
  }

  finished(record: ActivationRecord): void {
    this.#settle({ outcome: 'finished', activationId: this.#flight.message.activationId, record });
  }

  /** Completed without a result: the record is in the store, where the client may read it. */
  completed(): void {
    this.accepted();
  }

  accepted(): void {
    this.#settle({ outcome: 'accepted', activationId: this.#flight.message.activationId });
  }

  lost(): void {
    this.#settle({ outcome: 'refused', status: 500, message: errorTexts.internalError });
  }

  unavailable(): void {
    this.#settle({ outcome: 'refused', status: 503, message: errorTexts.unavailable });
  }

  #settle(outcome: InvokeOutcome): void {
    const answer = this.#answer;
    if (!answer) return;
    this.#answer = undefined;
    this.#waits.deadlines.remove(this.#deadline);
    answer(outcome);
  }
}

/** All clients that wait for a result. */
export class ResultWaits {
  readonly deadlines: Deadlines<Flight>;

  private constructor(clock: Clock, onExpired: (flight: Flight) => void) {
    this.deadlines = Deadlines.open(clock, onExpired);
  }

  /** `onExpired` gets a flight whose client nothing answered in time; it still has to be answered. */
  static open(clock: Clock, onExpired: (flight: Flight) => void): ResultWaits {
    return new ResultWaits(clock, onExpired);
  }

  /** Makes the client of `flight` wait for at most `waitMs`. */
  begin(flight: Flight, waitMs: number): Promise<InvokeOutcome> {
    return new Promise((answer) => {
      flight.waiter = new BlockingWait(this, flight, { ms: waitMs, answer });
    });
  }

  close(): void {
    this.deadlines.close();
  }
}
