import type { Clock, Json, ReplicatedMap } from '@vibrissa/cluster';

import { Deferred } from '../base/deferred.ts';
import { pause } from '../base/pause.ts';
import { asJson, wishOf } from '../shared/entries.ts';
import { keyOf } from '../shared/keys.ts';
import { isPassing } from '../shared/map-errors.ts';
import type { Outcome } from '../shared/outcome.ts';

const AGAIN_MS = 500;
/** In one write; more of them take the next. */
const MOST = 64;

export interface OutcomeWriterDeps {
  readonly map: ReplicatedMap;
  readonly epoch: number;
  readonly clock: Clock;
  /** Fires when this leader's term is over: what is not written then is its successor's business. */
  readonly signal: AbortSignal;
}

type Ended = Extract<Outcome, { readonly kind: 'ended' }>;
type Failed = Extract<Outcome, { readonly kind: 'failed' }>;

/** An outcome without what it gets when it is written. */
export type OutcomeDraft = Omit<Ended, 'ticket' | 'at'> | Omit<Failed, 'ticket' | 'at'>;

interface Waiting {
  readonly draft: OutcomeDraft;
  readonly written: Deferred<void>;
}

/**
 * Puts outcomes in the place of wishes: both in one write, so that at no moment a wish has neither. The first outcome of a
 * wish counts. Many at a time are one write.
 */
export class OutcomeWriter {
  readonly #deps: OutcomeWriterDeps;
  readonly #open = new Map<string, Waiting>();
  #isRunning = false;

  constructor(deps: OutcomeWriterDeps) {
    this.#deps = deps;
  }

  /** Resolves when the outcome (or an earlier one) is written; rejects when the term is over before. */
  settle(id: string, draft: OutcomeDraft): Promise<void> {
    const known = this.#open.get(id);
    if (known) return known.written.promise;
    if (!wishOf(this.#deps.map, id).value) return Promise.resolve();
    const waiting = { draft, written: new Deferred<void>() };
    this.#open.set(id, waiting);
    void this.#run();
    return waiting.written.promise;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // What ends in the same turn goes together.
    await Promise.resolve();
    while (this.#open.size > 0) {
      const batch = [...this.#open].slice(0, MOST);
      try {
        await this.#write(batch);
        for (const [id, { written }] of batch) {
          this.#open.delete(id);
          written.resolve();
        }
      } catch (error) {
        if (this.#deps.signal.aborted || !isPassing(error)) {
          this.#fail(error as Error);
          break;
        }
        await pause(this.#deps.clock, AGAIN_MS, this.#deps.signal);
      }
    }
    this.#isRunning = false;
  }

  #fail(error: Error): void {
    for (const { written } of this.#open.values()) written.reject(error);
    this.#open.clear();
  }

  async #write(batch: readonly (readonly [string, Waiting])[]): Promise<void> {
    const { map, epoch, clock } = this.#deps;
    const put: Record<string, Json> = {};
    const remove: string[] = [];
    for (const [id, { draft }] of batch) {
      const wish = wishOf(map, id).value;
      // A first attempt whose answer was lost has done it.
      if (!wish) continue;
      const outcome: Outcome = { ...draft, ticket: wish.ticket, at: clock.now() };
      put[keyOf('outcome', id)] = asJson(outcome);
      remove.push(keyOf('wanted', id));
    }
    if (remove.length > 0) await map.write({ epoch, put, remove });
  }
}
