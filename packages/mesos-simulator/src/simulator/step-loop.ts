import type { Clock, Timer } from '../base/clock.ts';
import type { StepTime } from '../base/step-time.ts';

/** A machine without I/O, as the master and the agents are. */
export interface Stepper<Input, Effect> {
  step(time: StepTime, input: Input): readonly Effect[];
  /** In the milliseconds of `StepTime.nowMs`. */
  readonly nextDeadlineMs: number | undefined;
}

export interface StepLoopOptions<Input, Effect> {
  readonly clock: Clock;
  readonly stepper: Stepper<Input, Effect>;
  /** What wakes it at its deadline. */
  readonly tick: Input;
  readonly execute: (effect: Effect) => void;
}

/**
 * Gives a machine of steps its time and executes what it wants. One step after the other: what an effect causes at once
 * waits until the step before is done.
 */
export class StepLoop<Input, Effect> {
  readonly #options: StepLoopOptions<Input, Effect>;
  readonly #inputs: Input[] = [];
  #timer: Timer | undefined;
  #isStepping = false;
  #isClosed = false;

  constructor(options: StepLoopOptions<Input, Effect>) {
    this.#options = options;
  }

  take(input: Input): void {
    if (this.#isClosed) return;
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      this.#drain();
    } finally {
      this.#isStepping = false;
    }
    this.#arm();
  }

  /** Nothing is taken or executed any more, not even what the current step still wants. */
  close(): void {
    this.#isClosed = true;
    this.#inputs.length = 0;
    this.#timer?.cancel();
  }

  #drain(): void {
    const { clock, stepper, execute } = this.#options;
    for (let input = this.#inputs.shift(); input !== undefined; input = this.#inputs.shift()) {
      const time = { nowMs: clock.monotonicMs(), epochMs: clock.now() };
      for (const effect of stepper.step(time, input)) {
        if (this.#isClosed) return;
        execute(effect);
      }
    }
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { clock, stepper, tick } = this.#options;
    const dueMs = stepper.nextDeadlineMs;
    if (this.#isClosed || dueMs === undefined) return;
    this.#timer = clock.after(Math.max(0, dueMs - clock.monotonicMs()), () => this.take(tick));
  }
}
