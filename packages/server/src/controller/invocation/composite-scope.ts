/** Sequences and compositions may stand in one another so deep: two that lead to each other must end. */
export const MAX_DEPTH = 50;

/** What the parts of a sequence or composition share, so that nesting one in the other is no way around a limit. */
export interface CompositeScope {
  /** 1 for the parts of what the client invoked. */
  readonly depth: number;
  /** How many actions directly nested sequences have run together. */
  readonly sequence?: { actions: number };
  /** What the outermost composition and every one below it have run together. */
  readonly composition?: { components: number; conductors: number };
}

/** The scope of a sequence that is itself part of `outer`. */
export function sequenceScope(outer: CompositeScope | undefined) {
  return {
    depth: (outer?.depth ?? 0) + 1,
    sequence: outer?.sequence ?? { actions: 0 },
    ...(outer?.composition && { composition: outer.composition }),
  };
}

/** The scope of a composition that is itself part of `outer`. A sequence in it counts its own actions. */
export function compositionScope(outer: CompositeScope | undefined) {
  return {
    depth: (outer?.depth ?? 0) + 1,
    composition: outer?.composition ?? { components: 0, conductors: 0 },
  };
}
