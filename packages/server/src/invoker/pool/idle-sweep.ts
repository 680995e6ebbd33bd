import type { Clock, Timer } from '../../base/clock.ts';
import type { FreeContainers, PoolEntry } from './free-containers.ts';

export interface IdleSweepDeps<W> {
  readonly clock: Clock;
  readonly free: FreeContainers<W>;
  readonly pauseGraceMs: number;
  readonly idleContainerMs: number;
  readonly pause: (entry: PoolEntry<W>) => void;
  readonly remove: (entry: PoolEntry<W>) => void;
}

/**
 * Pauses and removes idle containers in time, with one timer for all of them: a container that serves thousands of
 * activations a second must not set and cancel a timer for each.
 */
export class IdleSweep<W> {
  readonly #deps: IdleSweepDeps<W>;
  #timer: Timer | undefined;
  #closed = false;

  private constructor(deps: IdleSweepDeps<W>) {
    this.#deps = deps;
  }

  static open<W>(deps: IdleSweepDeps<W>): IdleSweep<W> {
    return new IdleSweep(deps);
  }

  /** A container has become idle. */
  noteIdle(): void {
    if (this.#timer === undefined && !this.#closed) this.#set(this.#deps.pauseGraceMs);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sweep(): void {
    const { free, clock, pauseGraceMs, idleContainerMs, pause, remove } = this.#deps;
    this.#timer = undefined;
    const nowMs = clock.monotonicMs();
    let awake = free.oldestAwake;
    for (; awake && awake.idleSinceMs + pauseGraceMs <= nowMs; awake = free.oldestAwake) {
      free.notePaused(awake);
      pause(awake);
    }
    const lifeMs = pauseGraceMs + idleContainerMs;
    let paused = free.oldestPaused;
    for (; paused && paused.idleSinceMs + lifeMs <= nowMs; paused = free.oldestPaused) remove(paused);
    const pauseAt = awake ? awake.idleSinceMs + pauseGraceMs : Infinity;
    const removeAt = paused ? paused.idleSinceMs + lifeMs : Infinity;
    const nextAt = Math.min(pauseAt, removeAt);
    if (nextAt < Infinity && !this.#closed) this.#set(Math.max(1, Math.ceil(nextAt - nowMs)));
  }

  #set(delayMs: number): void {
    this.#timer = this.#deps.clock.after(delayMs, () => this.#sweep());
  }
}
