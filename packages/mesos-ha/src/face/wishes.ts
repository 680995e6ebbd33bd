import type { Clock, MapChange, RandomSource, ReplicatedMap } from '@vibrissa/cluster';
import { DuplicateTaskError, SchedulerClosedError, UnknownTaskError } from '@vibrissa/mesos';

import { drawn } from '../base/new-id.ts';
import { pause } from '../base/pause.ts';
import { asJson, outcomeOf, recordOf, wishOf } from '../shared/entries.ts';
import { keyOf } from '../shared/keys.ts';
import { isPassing, mapErrorCode } from '../shared/map-errors.ts';
import type { Wish } from '../shared/wish.ts';
import type { RequestOptions } from './options.ts';

const DEFAULT_WITHIN_MS = 30_000;
const AGAIN_MS = 50;

export interface WishesDeps {
  readonly map: ReplicatedMap;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** This instance. */
  readonly member: string;
  readonly closed: AbortSignal;
}

interface Attempt {
  readonly id: string;
  readonly leftMs: () => number;
  /** A write whose answer was lost: it may have taken effect. */
  doubt: Error | undefined;
}

/**
 * Writes wishes, from any instance: the map brings them to the leader. A request that was not answered is looked up and
 * made again, and takes effect once: its ticket tells.
 */
export class Wishes {
  readonly #deps: WishesDeps;

  constructor(deps: WishesDeps) {
    this.#deps = deps;
  }

  /** Rejects with `DuplicateTaskError`, or with the cluster's error when no majority took it in time. */
  want(id: string, wish: Wish, options: RequestOptions = {}): Promise<void> {
    return this.#attempt(id, options, (attempt) => this.#want(attempt, wish));
  }

  /**
   * Resolves with the ticket of the wish whose outcome tells how the deletion came out. Rejects with `UnknownTaskError`, or
   * with the cluster's error when no majority took it in time.
   */
  unwant(id: string, options: RequestOptions = {}): Promise<string> {
    return this.#attempt(id, options, (attempt) => this.#unwant(attempt));
  }

  async #attempt<T>(
    id: string,
    { withinMs = DEFAULT_WITHIN_MS }: RequestOptions,
    make: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#deps;
    const untilMs = clock.monotonicMs() + withinMs;
    const attempt: Attempt = {
      id,
      leftMs: () => Math.max(0, untilMs - clock.monotonicMs()),
      doubt: undefined,
    };
    try {
      return await make(attempt);
    } catch (error) {
      // "Nothing was written" is true of the last trial only.
      throw mapErrorCode(error) === 'NO_LEADER' ? (attempt.doubt ?? error) : error;
    }
  }

  async #want(attempt: Attempt, wish: Wish): Promise<void> {
    const { map, clock, closed } = this.#deps;
    const { id } = attempt;
    for (let isFresh = false; ; isFresh = true) {
      if (this.#isWritten(id, wish)) return;
      this.#checkOpen();
      const taken = this.#takenBy(id);
      // What stands in the way may be gone by now.
      if (taken && !isFresh) await map.read(keyOf('wanted', id), { withinMs: attempt.leftMs() });
      else if (taken === 'wish' || (taken && attempt.leftMs() === 0)) throw new DuplicateTaskError(id);
      // Its end is being acknowledged; then the id is free.
      else if (taken) await pause(clock, AGAIN_MS, closed);
      else if (await this.#write(attempt, this.#change(id, wish))) return;
    }
  }

  async #unwant(attempt: Attempt): Promise<string> {
    const { map, clock, member, random } = this.#deps;
    const { id } = attempt;
    const key = keyOf('wanted', id);
    const newTicket = drawn(random);
    for (;;) {
      this.#checkOpen();
      await map.read(key, { withinMs: attempt.leftMs() });
      const { value: known, version } = wishOf(map, id);
      if (known?.unwanted) return known.ticket;
      const outcome = known ? undefined : outcomeOf(map, id).value;
      if (outcome) return outcome.ticket;
      // What runs though nobody wished for it is deleted, too, when somebody says so.
      if (!known && !recordOf(map, id).value) throw new UnknownTaskError(id);
      const by = { by: member, at: clock.now() };
      const wish: Wish = { ticket: newTicket, ...by, ...known, unwanted: by };
      const change = { if: [{ key, version }], put: { [key]: asJson(wish) } };
      if (await this.#write(attempt, change)) return wish.ticket;
    }
  }

  #checkOpen(): void {
    if (this.#deps.closed.aborted) throw new SchedulerClosedError();
  }

  #isWritten(id: string, { ticket }: Wish): boolean {
    const { map } = this.#deps;
    return wishOf(map, id).value?.ticket === ticket || outcomeOf(map, id).value?.ticket === ticket;
  }

  #takenBy(id: string): 'wish' | 'record' | undefined {
    const { map } = this.#deps;
    if (wishOf(map, id).value) return 'wish';
    return recordOf(map, id).value ? 'record' : undefined;
  }

  /** The outcome of a former task of this id goes; a request that comes late does not do it twice. */
  #change(id: string, wish: Wish): MapChange {
    const outcome = outcomeOf(this.#deps.map, id).version;
    return {
      if: [
        { key: keyOf('wanted', id), version: 0 },
        { key: keyOf('task', id), version: 0 },
        { key: keyOf('outcome', id), version: outcome },
      ],
      put: { [keyOf('wanted', id)]: asJson(wish) },
      ...(outcome > 0 ? { remove: [keyOf('outcome', id)] } : {}),
    };
  }

  /** False: look again, what it was decided upon may have changed. */
  async #write(attempt: Attempt, change: MapChange): Promise<boolean> {
    const { map, clock, closed } = this.#deps;
    try {
      await map.write(change, { withinMs: attempt.leftMs() });
      return true;
    } catch (error) {
      const code = mapErrorCode(error);
      if (code === 'OUTCOME_UNKNOWN') attempt.doubt = error as Error;
      const mayDiffer = code === 'CONFLICT' || isPassing(error);
      if (closed.aborted || !mayDiffer || attempt.leftMs() === 0) throw error;
      await pause(clock, AGAIN_MS, closed);
      await map.read(keyOf('wanted', attempt.id), { withinMs: attempt.leftMs() });
      return false;
    }
  }
}
