import type { RequestFailure } from './core-messages.ts';
import { Deferred } from './deferred.ts';
import { requestErrorOf } from './errors/error-of.ts';

interface OpenRequest {
  readonly deferred: Deferred<unknown>;
  /** What it was about, for the error's message. */
  readonly about: string;
}

const failures: Readonly<Record<RequestFailure['kind'], true>> = {
  'unknown-task': true,
  'not-leader': true,
  'not-subscribed': true,
  'framework-removed': true,
  'torn-down': true,
  refused: true,
  superseded: true,
  closed: true,
};

/** Requests that the core answers later, by their numbers. Each settles once. */
export class Requests {
  readonly #open = new Map<number, OpenRequest>();
  #last = 0;

  /** The number goes to the core, the promise to the caller. */
  add<T>(about = ''): { readonly request: number; readonly promise: Promise<T> } {
    this.#last += 1;
    const deferred = new Deferred<T>();
    // What comes back under this number is of the type that was asked for.
    this.#open.set(this.#last, { deferred: deferred as Deferred<unknown>, about });
    return { request: this.#last, promise: deferred.promise };
  }

  settle(request: number, outcome: unknown): void {
    const open = this.#open.get(request);
    this.#open.delete(request);
    if (isFailure(outcome)) open?.deferred.reject(requestErrorOf(outcome, open.about));
    else open?.deferred.resolve(outcome);
  }

  closeAll(): void {
    for (const request of this.#open.keys()) this.settle(request, { kind: 'closed' });
  }
}

function isFailure(outcome: unknown): outcome is RequestFailure {
  if (typeof outcome !== 'object' || outcome === null || !('kind' in outcome)) return false;
  return typeof outcome.kind === 'string' && Object.hasOwn(failures, outcome.kind);
}
