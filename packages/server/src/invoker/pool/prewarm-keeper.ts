import type { Clock, Timer } from '../../base/clock.ts';
import { desiredCount, planCell, type Cell, type CellMember } from './prewarm.ts';

/** From a failed start of a cell to the next start; doubled with each failure in a row. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** One that dies sooner after its start counts as failed: its replacement would do no better. */
const STEADY_MS = 10_000;
/** So often, at most, the same cell's failures are told. */
const TELL_MS = 60_000;
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
  /** Told of the first failure, then once a minute; `failures`: how many there were since it was told last. */
  readonly tellFailure: (cell: Cell, failure: { readonly why: string; readonly failures: number }) => void;
}

interface Member {
  readonly expiresAtMs: number;
  /** Undefined: it is still starting. */
  startedAtMs?: number;
}

interface CellState<C> {
  readonly cell: Cell;
  readonly members: Map<C, Member>;
  /** How many there are to be until the next check: what dies is replaced up to this. */
  target: number;
  coldStarts: number;
  /** Starts that failed, and containers that died soon after theirs, in a row. */
  failedStarts: number;
  earlyDeaths: number;
  pause: Timer | undefined;
  untold: number;
  toldAtMs: number;
}

function stateOf<C>(cell: Cell): CellState<C> {
  const counts = { target: 0, coldStarts: 0, failedStarts: 0, earlyDeaths: 0, untold: 0 };
  return { ...counts, cell, members: new Map(), pause: undefined, toldAtMs: -Infinity };
}

/** Keeps stem cells filled: at start, as soon as one is taken, and by a periodic check of how many are needed. */
export class PrewarmKeeper<C> {
  readonly #deps: PrewarmKeeperDeps<C>;
  readonly #cells: ReadonlyMap<string, CellState<C>>;
  #timer: Timer | undefined;
  #closed = false;

  private constructor(deps: PrewarmKeeperDeps<C>, cells: readonly Cell[]) {
    this.#deps = deps;
    this.#cells = new Map(cells.map((cell) => [cell.key, stateOf<C>(cell)]));
  }

  static open<C>(deps: PrewarmKeeperDeps<C>, cells: readonly Cell[]): PrewarmKeeper<C> {
    return new PrewarmKeeper(deps, cells);
  }

  /** Makes the initial containers and begins the periodic check. */
  start(): void {
    for (const state of this.#cells.values()) {
      this.#fill(state, state.cell.initialCount);
      state.target = Math.max(state.members.size, desiredCount(state.cell, 0));
    }
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
    if (!state) return;
    this.#count(state, container);
    this.started(key, container);
  }

  /** An activation took one: it is replaced in a moment. */
  taken(key: string, container: C): void {
    const state = this.#cells.get(key);
    if (!state?.members.delete(container)) return;
    state.earlyDeaths = 0;
    this.#deps.clock.after(REPLACE_AFTER_MS, () => {
      if (!state.pause) this.#add(state);
    });
  }

  /** One died before it was taken, and is replaced; after a while where it could not start, or not live. */
  lost(key: string, container: C, why: string): void {
    const state = this.#cells.get(key);
    const member = state?.members.get(container);
    if (!state || !member) return;
    state.members.delete(container);
    const { startedAtMs } = member;
    if (startedAtMs !== undefined && this.#deps.clock.monotonicMs() - startedAtMs >= STEADY_MS) {
      state.earlyDeaths = 0;
      this.#fill(state, state.target);
      return;
    }
    this.#tell(state, why);
    // Those that fail together are one attempt.
    if (state.pause) return;
    if (startedAtMs === undefined) state.failedStarts += 1;
    else state.earlyDeaths += 1;
    this.#pause(state);
  }

  /** It could not even be tried. */
  refused(key: string, why: string): void {
    const state = this.#cells.get(key);
    if (state) this.#tell(state, why);
  }

  /** One gave way to an activation; it is made anew when there is memory to spare. */
  gaveWay(key: string, container: C): void {
    const state = this.#cells.get(key);
    if (!state?.members.delete(container)) return;
    state.target = Math.max(desiredCount(state.cell, 0), state.target - 1);
  }

  /** One has started well. */
  started(key: string, container: C): void {
    const state = this.#cells.get(key);
    if (!state) return;
    state.failedStarts = 0;
    const member = state.members.get(container);
    if (member) member.startedAtMs = this.#deps.clock.monotonicMs();
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
    for (const state of this.#cells.values()) this.#fill(state, state.target);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const { pause } of this.#cells.values()) pause?.cancel();
  }

  #check(): void {
    let mayRemove = this.#deps.expirationLimit;
    for (const state of this.#cells.values()) {
      const { cell, members, coldStarts } = state;
      const list: CellMember<C>[] = [...members].map(([container, { expiresAtMs }]) => ({
        container,
        expiresAtMs,
      }));
      const plan = planCell(cell, list, { nowMs: this.#deps.clock.monotonicMs(), coldStarts, mayRemove });
      mayRemove -= plan.remove.length;
      state.coldStarts = 0;
      for (const container of plan.remove) {
        members.delete(container);
        this.#deps.remove(container);
      }
      if (plan.remove.length > 0) this.#deps.countExpired(cell, plan.remove.length);
      const count = members.size + plan.create;
      // What failed is still to be made.
      state.target = state.pause ? Math.max(state.target, count) : count;
      this.#fill(state, state.target);
    }
    this.#setTimer();
  }

  #fill(state: CellState<C>, count: number): void {
    while (!state.pause && state.members.size < count && this.#add(state));
  }

  #pause(state: CellState<C>): void {
    if (this.#closed) return;
    const doublings = state.failedStarts + state.earlyDeaths - 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** doublings);
    state.pause = this.#deps.clock.after(pauseMs, () => {
      state.pause = undefined;
      this.#fill(state, state.target);
    });
  }

  #tell(state: CellState<C>, why: string): void {
    state.untold += 1;
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - state.toldAtMs < TELL_MS) return;
    this.#deps.tellFailure(state.cell, { why, failures: state.untold });
    state.toldAtMs = nowMs;
    state.untold = 0;
  }

  #add(state: CellState<C>): boolean {
    if (this.#closed) return false;
    const container = this.#deps.create(state.cell);
    if (container === undefined) return false;
    this.#count(state, container);
    return true;
  }

  #count({ cell, members }: CellState<C>, container: C): void {
    const expiresAtMs = this.#deps.clock.monotonicMs() + (cell.reactive?.ttlMs ?? Infinity);
    members.set(container, { expiresAtMs });
  }

  #setTimer(): void {
    const { clock, checkMs, varianceMs, random } = this.#deps;
    if (this.#closed) return;
    this.#timer = clock.after(checkMs + (2 * random() - 1) * varianceMs, () => this.#check());
  }
}
