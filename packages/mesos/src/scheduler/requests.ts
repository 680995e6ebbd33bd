import type { DeleteOutcome } from '../tasks/task-outcome.ts';
import type { CallAnswer } from '../transport/transport.ts';
import type { Reconciled, RequestFailure } from './core-messages.ts';
import { Deferred } from './deferred.ts';
import { requestErrorOf } from './errors/error-of.ts';

/** What the core answers to a request; nothing: it is done. */
type Outcome = DeleteOutcome | Reconciled | CallAnswer | RequestFailure | undefined;

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

  settle(request: number, outcome: Outcome): void {
    const open = this.#open.get(request);
    this.#open.delete(request);
    if (isFailure(outcome)) open?.deferred.reject(requestErrorOf(outcome, open.about));
    else open?.deferred.resolve(outcome);
  }

  closeAll(): void {
    for (const request of this.#open.keys()) this.settle(request, { kind: 'closed' });
  }
}

function isFailure(outcome: Outcome): outcome is RequestFailure {
  return outcome !== undefined && 'kind' in outcome && Object.hasOwn(failures, outcome.kind);
}
