import type { CodeRanges } from './pattern-syntax.ts';

/** One step of a compiled expression; after `take`, `start` and `end` the next one follows. */
export type Instruction =
  | { readonly op: 'take'; readonly ranges: CodeRanges }
  | { readonly op: 'start' | 'end' | 'match' }
  | { readonly op: 'split'; readonly to: readonly number[] };

/** All places of the program that a beginning of a value can have reached. */
interface MachineState {
  readonly places: readonly number[];
  /** The value may end here. */
  readonly accepts: boolean;
  /** Filled as far as values have asked. */
  readonly next: Map<number, MachineState>;
}

/** Bounds what is remembered of an expression; then it is worked out anew. */
const MAX_REMEMBERED = 500;

/**
 * Runs a program by following all alternatives at once, one character after the other, and remembers which states
 * follow each other: most values then cost a look-up for each character.
 */
export class PatternMachine {
  readonly #program: readonly Instruction[];
  readonly #states = new Map<string, MachineState>();
  #steps = 0;
  #start: MachineState;

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#start = this.#stateOf([0], true);
  }

  /** Does the program take the whole value? */
  matches(value: string): boolean {
    if (this.#steps > MAX_REMEMBERED) this.#forget();
    let state = this.#start;
    for (let at = 0; at < value.length; at++) {
      const code = value.codePointAt(at) ?? 0;
      state = state.next.get(code) ?? this.#step(state, code);
      if (state.places.length === 0) return false;
      // A character beyond the basic plane is two of a string's units.
      if (code > 0xffff) at += 1;
    }
    return state.accepts;
  }

  #forget(): void {
    this.#states.clear();
    this.#steps = 0;
    this.#start = this.#stateOf([0], true);
  }

  #step(from: MachineState, code: number): MachineState {
    const taken = from.places.filter((place) => {
      const instruction = this.#program[place];
      return instruction?.op === 'take' && isIn(instruction.ranges, code);
    });
    const next = this.#stateOf(
      taken.map((place) => place + 1),
      false,
    );
    from.next.set(code, next);
    this.#steps += 1;
    return next;
  }

  #stateOf(entries: readonly number[], atStart: boolean): MachineState {
    const reached = new Set<number>();
    for (const entry of entries) this.#follow(reached, entry, { atStart, atEnd: false });
    const places = [...reached].toSorted((one, other) => one - other);
    // The start is a state of its own: places behind "^" are reached only there.
    const key = `${atStart} ${places.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const atLast = new Set<number>();
    for (const entry of entries) this.#follow(atLast, entry, { atStart, atEnd: true });
    const state = {
      places,
      accepts: atLast.has(this.#program.length - 1),
      next: new Map<number, MachineState>(),
    };
    this.#states.set(key, state);
    return state;
  }

  /** Adds a place and all that are reached from it without taking a character. */
  #follow(
    reached: Set<number>,
    place: number,
    at: { readonly atStart: boolean; readonly atEnd: boolean },
  ): void {
    if (reached.has(place)) return;
    reached.add(place);
    const instruction = this.#program[place];
    if (instruction?.op === 'split') {
      for (const to of instruction.to) this.#follow(reached, to, at);
    } else if ((instruction?.op === 'start' && at.atStart) || (instruction?.op === 'end' && at.atEnd)) {
      this.#follow(reached, place + 1, at);
    }
  }
}

function isIn(ranges: CodeRanges, code: number): boolean {
  return ranges.some(([from, to]) => from <= code && code <= to);
}
