import type { MapChange, ReplicatedMap } from '@vibrissa/cluster';
import { DuplicateTaskError, SchedulerClosedError, UnknownTaskError } from '@vibrissa/mesos';

import type { Clock } from '../base/clock.ts';
import { drawn } from '../base/new-id.ts';
import { pause } from '../base/pause.ts';
import type { RandomSource } from '../base/random.ts';
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
  async want(id: string, wish: Wish, { withinMs = DEFAULT_WITHIN_MS }: RequestOptions = {}): Promise<void> {
    const { map, clock } = this.#deps;
    const untilMs = clock.monotonicMs() + withinMs;
    for (let isFresh = false; ; isFresh = true) {
      if (this.#isWritten(id, wish)) return;
      this.#checkOpen();
      const leftMs = untilMs - clock.monotonicMs();
      const taken = this.#takenBy(id);
      // What stands in the way may be gone by now.
      if (taken && !isFresh) await map.read(keyOf('wanted', id), { withinMs: Math.max(0, leftMs) });
      else if (taken === 'wish' || (taken && leftMs <= 0)) throw new DuplicateTaskError(id);
      // Its end is being acknowledged; then the id is free.
      else if (taken) await pause(clock, AGAIN_MS, this.#deps.closed);
      else if (await this.#write(this.#change(id, wish), { id, leftMs })) return;
    }
  }

  /**
   * Resolves with the ticket of the wish whose outcome tells how the deletion came out. Rejects with `UnknownTaskError`, or
   * with the cluster's error when no majority took it in time.
   */
  async unwant(id: string, { withinMs = DEFAULT_WITHIN_MS }: RequestOptions = {}): Promise<string> {
    const { map, clock } = this.#deps;
    const untilMs = clock.monotonicMs() + withinMs;
    const key = keyOf('wanted', id);
    const newTicket = drawn(this.#deps.random);
    for (;;) {
      this.#checkOpen();
      const leftMs = untilMs - clock.monotonicMs();
      await map.read(key, { withinMs: Math.max(0, leftMs) });
      const { value: known, version } = wishOf(map, id);
      if (known?.unwanted) return known.ticket;
      const outcome = known ? undefined : outcomeOf(map, id).value;
      if (outcome) return outcome.ticket;
      // What runs though nobody wished for it is deleted, too, when somebody says so.
      if (!known && !recordOf(map, id).value) throw new UnknownTaskError(id);
      const by = { by: this.#deps.member, at: clock.now() };
      const wish: Wish = { ticket: newTicket, ...by, ...known, unwanted: by };
      const change = { if: [{ key, version }], put: { [key]: asJson(wish) } };
      if (await this.#write(change, { id, leftMs })) return wish.ticket;
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
  async #write(change: MapChange, about: { readonly id: string; readonly leftMs: number }): Promise<boolean> {
    const { map, clock, closed } = this.#deps;
    const { id, leftMs } = about;
    try {
      await map.write(change, { withinMs: Math.max(0, leftMs) });
      return true;
    } catch (error) {
      const isConflict = mapErrorCode(error) === 'CONFLICT';
      if (closed.aborted || leftMs <= 0 || !(isConflict || isPassing(error))) throw error;
      await pause(clock, AGAIN_MS, closed);
      await map.read(keyOf('wanted', id), { withinMs: leftMs });
      return false;
    }
  }
}
