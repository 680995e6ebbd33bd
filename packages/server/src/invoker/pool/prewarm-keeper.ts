import type { Clock, Timer } from '../../base/clock.ts';
import { desiredCount, planCell, type Cell, type CellMember } from './prewarm.ts';

/** Failed starts of a cell in a row after which it is left alone until the next check. */
const MAX_FAILURES = 5;
/**
 * A replacement is begun a moment after its predecessor was taken: starting it at once would take the processor from
 * the activation that hurries (measured: 7.8 instead of 3.0 ms to the first answer).
 */
const REPLACE_AFTER_MS = 25;

export interface PrewarmKeeperDeps<C> {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly checkMs: number;
  readonly varianceMs: number;
  readonly expirationLimit: number;
  /** Starts one where memory allows; undefined where it doesn't. */
  readonly create: (cell: Cell) => C | undefined;
  readonly remove: (container: C) => void;
  readonly countColdStart: (cell: Cell) => void;
  readonly countExpired: (cell: Cell, count: number) => void;
}

interface CellState<C> {
  readonly cell: Cell;
  readonly members: Map<C, number>;
  coldStarts: number;
  failures: number;
}

/** Keeps stem cells filled: at start, as soon as one is taken, and by a periodic check of how many are needed. */
export class PrewarmKeeper<C> {
  readonly #deps: PrewarmKeeperDeps<C>;
  readonly #cells: ReadonlyMap<string, CellState<C>>;
  #timer: Timer | undefined;
  #closed = false;

  private constructor(deps: PrewarmKeeperDeps<C>, cells: readonly Cell[]) {
    this.#deps = deps;
    this.#cells = new Map(
      cells.map((cell) => [cell.key, { cell, members: new Map<C, number>(), coldStarts: 0, failures: 0 }]),
    );
  }

  static open<C>(deps: PrewarmKeeperDeps<C>, cells: readonly Cell[]): PrewarmKeeper<C> {
    return new PrewarmKeeper(deps, cells);
  }

  /** Makes the initial containers and begins the periodic check. */
  start(): void {
    for (const state of this.#cells.values()) this.#fill(state, state.cell.initialCount);
    if (this.#cells.size > 0) this.#setTimer();
  }

  /** Is there such a cell, and may it have one more? */
  wants(key: string): boolean {
    const state = this.#cells.get(key);
    if (!state) return false;
    const { initialCount, reactive } = state.cell;
    return state.members.size < Math.max(initialCount, reactive?.maxCount ?? 0);
  }

  /** Counts one of an earlier life. */
  adopt(key: string, container: C): void {
    const state = this.#cells.get(key);
    if (state) this.#count(state, container);
  }

  /** An activation took one: it is replaced in a moment. */
  taken(key: string, container: C): void {
    const state = this.#cells.get(key);
    if (!state?.members.delete(container)) return;
    this.#deps.clock.after(REPLACE_AFTER_MS, () => this.#add(state));
  }

  /** One was removed or died before it was taken, and is replaced up to what the cell keeps at least. */
  lost(key: string, container: C): void {
    const state = this.#cells.get(key);
    if (!state?.members.delete(container)) return;
    state.failures += 1;
    if (state.failures <= MAX_FAILURES) this.#fill(state, desiredCount(state.cell, 0));
  }

  /** One gave way to an activation; it is made anew when there is memory to spare. */
  gaveWay(key: string, container: C): void {
    this.#cells.get(key)?.members.delete(container);
  }

  /** One has started well. */
  started(key: string): void {
    const state = this.#cells.get(key);
    if (state) state.failures = 0;
  }

  /** An activation of that kind and memory found none. */
  coldStarted(key: string): void {
    const state = this.#cells.get(key);
    if (!state) return;
    state.coldStarts += 1;
    this.#deps.countColdStart(state.cell);
  }

  /** Memory is free again: makes what could not be made. */
  refill(): void {
    for (const state of this.#cells.values()) {
      if (state.failures <= MAX_FAILURES) this.#fill(state, desiredCount(state.cell, 0));
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #check(): void {
    let mayRemove = this.#deps.expirationLimit;
    for (const state of this.#cells.values()) {
      const { cell, members, coldStarts } = state;
      const list: CellMember<C>[] = [...members].map(([container, expiresAtMs]) => ({
        container,
        expiresAtMs,
      }));
      const plan = planCell(cell, list, { nowMs: this.#deps.clock.monotonicMs(), coldStarts, mayRemove });
      mayRemove -= plan.remove.length;
      state.coldStarts = state.failures = 0;
      for (const container of plan.remove) {
        members.delete(container);
        this.#deps.remove(container);
      }
      if (plan.remove.length > 0) this.#deps.countExpired(cell, plan.remove.length);
      this.#fill(state, members.size + plan.create);
    }
    this.#setTimer();
  }

  #fill(state: CellState<C>, count: number): void {
    while (state.members.size < count && this.#add(state));
  }

  #add(state: CellState<C>): boolean {
    if (this.#closed) return false;
    const container = this.#deps.create(state.cell);
    if (container === undefined) return false;
    this.#count(state, container);
    return true;
  }

  #count({ cell, members }: CellState<C>, container: C): void {
    members.set(container, this.#deps.clock.monotonicMs() + (cell.reactive?.ttlMs ?? Infinity));
  }

  #setTimer(): void {
    const { clock, checkMs, varianceMs, random } = this.#deps;
    if (this.#closed) return;
    this.#timer = clock.after(checkMs + (2 * random() - 1) * varianceMs, () => this.#check());
  }
}
