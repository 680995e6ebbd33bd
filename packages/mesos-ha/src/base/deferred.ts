/**
 * A promise that is settled from outside, once: later settlements do nothing. Nobody needs to look at it; a rejection
 * that nobody awaits is no crash of the process.
 */
export class Deferred<T> {
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (reason: Error) => void;
  #isSettled = false;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => {});
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  resolve(value: T): void {
    this.#isSettled = true;
    this.#resolve(value);
  }

  reject(reason: Error): void {
    this.#isSettled = true;
    this.#reject(reason);
  }
}
