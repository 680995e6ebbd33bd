import { LONGEST_TIMER_MS, type Clock, type Timer } from '../base/clock.ts';
import type { Notice } from './core-messages.ts';
import { Deferred } from './deferred.ts';
import { subscriptionErrorOf } from './errors/error-of.ts';
import { NoMasterError } from './errors/master-errors.ts';

interface Waiter {
  readonly deferred: Deferred<string>;
  readonly timer: Timer | undefined;
}

/** Whether there is a subscription, and who waits for one. */
export class Subscription {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  #frameworkId: string | undefined;
  #isSubscribed = false;
  #reason = 'no master has answered yet';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The framework's id, as of the last subscription. */
  get frameworkId(): string | undefined {
    return this.#frameworkId;
  }

  get isSubscribed(): boolean {
    return this.#isSubscribed;
  }

  /** Resolves with the framework's id. `withinMs`: rejects with {@link NoMasterError} after that. */
  wait(withinMs: number | undefined): Promise<string> {
    if (this.#isSubscribed && this.#frameworkId !== undefined) return Promise.resolve(this.#frameworkId);
    const deferred = new Deferred<string>();
    const expire = (afterMs: number) =>
      this.#clock.after(afterMs, () => {
        this.#waiting.delete(waiter);
        deferred.reject(new NoMasterError(afterMs, this.#reason));
      });
    // A limit that no timer can count, such as Infinity, is none.
    const isLimited = withinMs !== undefined && withinMs <= LONGEST_TIMER_MS;
    const waiter: Waiter = { deferred, timer: isLimited ? expire(withinMs) : undefined };
    this.#waiting.add(waiter);
    return deferred.promise;
  }

  note(notice: Notice): void {
    switch (notice.kind) {
      case 'subscribed':
        this.#isSubscribed = true;
        this.#frameworkId = notice.frameworkId;
        return this.#settle((waiter) => waiter.resolve(notice.frameworkId));
      case 'lost':
        this.#isSubscribed = false;
        this.#reason = notice.reason;
        return;
      case 'refused':
      case 'removed':
      case 'stepped-down':
        return this.fail(subscriptionErrorOf(notice));
      default:
        return;
    }
  }

  /** The framework is no more. */
  forget(error: Error): void {
    this.#frameworkId = undefined;
    this.fail(error);
  }

  /** Nobody will be subscribed, for this reason. */
  fail(error: Error): void {
    this.#isSubscribed = false;
    this.#settle((waiter) => waiter.reject(error));
  }

  #settle(how: (waiter: Deferred<string>) => void): void {
    for (const { deferred, timer } of this.#waiting) {
      timer?.cancel();
      how(deferred);
    }
    this.#waiting.clear();
  }
}
