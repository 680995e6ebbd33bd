/** With so many who have found it silent themselves, besides the first, a suspect has the shortest time. */
const ENOUGH_CONFIRMATIONS = 3;

/** Of the longest time. */
const SHORTEST = 0.5;

/**
 * How long a suspect may take to contradict, in milliseconds. One doubter may be wrong (its own network may be what is
 * broken), several hardly are: the time falls, quickest at first, from the longest to half of it.
 */
export function suspicionMs(of: {
  readonly probeMs: number;
  readonly suspicionRounds: number;
  /** All that are alive, this instance included. */
  readonly members: number;
  /** Who have found it silent, besides the first. */
  readonly confirmations: number;
}): number {
  const longest = of.suspicionRounds * of.probeMs * Math.max(1, Math.log10(of.members));
  const confirmed = Math.min(Math.max(of.confirmations, 0), ENOUGH_CONFIRMATIONS);
  const share = Math.log(1 + confirmed) / Math.log(1 + ENOUGH_CONFIRMATIONS);
  return longest * (1 - (1 - SHORTEST) * share);
}
