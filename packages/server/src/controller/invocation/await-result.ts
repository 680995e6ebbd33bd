import { errorTexts, type ActivationRecord } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import { Deadlines, type Deadline } from '../../base/deadlines.ts';
import type { Histogram, Metrics } from '../../base/metrics.ts';
import type { Flight, Waiter } from '../loadbalancer/completions.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';

/** A client that waits for one activation. It is answered once; what comes later is ignored. */
class BlockingWait implements Waiter {
  readonly #flight: Flight;
  readonly #waits: ResultWaits;
  readonly #deadline: Deadline<Flight>;
  readonly #beganMs: number;
  #answer: ((outcome: InvokeOutcome) => void) | undefined;

  constructor(
    waits: ResultWaits,
    flight: Flight,
    wait: { ms: number; answer: (outcome: InvokeOutcome) => void },
  ) {
    this.#flight = flight;
    this.#waits = waits;
    this.#answer = wait.answer;
    this.#beganMs = waits.clock.monotonicMs();
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
    this.#waits.ended(this.#beganMs);
    this.#waits.deadlines.remove(this.#deadline);
    answer(outcome);
  }
}

interface ResultWaitsDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Gets a flight whose client nothing answered in time; it still has to be answered. */
  readonly onExpired: (flight: Flight) => void;
}

const MS_PER_SECOND = 1000;

/** All clients that wait for a result. */
export class ResultWaits {
  readonly deadlines: Deadlines<Flight>;
  readonly clock: Clock;
  readonly #times: Histogram;

  private constructor({ clock, metrics, onExpired }: ResultWaitsDeps) {
    this.clock = clock;
    this.deadlines = Deadlines.open(clock, onExpired);
    this.#times = metrics.histogram('histogram_controller_blockingActivation_finish_seconds');
  }

  static open(deps: ResultWaitsDeps): ResultWaits {
    return new ResultWaits(deps);
  }

  /** A client that began to wait then was answered. */
  ended(beganMs: number): void {
    this.#times.observe((this.clock.monotonicMs() - beganMs) / MS_PER_SECOND);
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
