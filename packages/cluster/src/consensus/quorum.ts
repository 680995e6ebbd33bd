/**
 * The highest value that a majority has reached; `values` holds one of each voter. Of nobody there is no majority: that
 * is minus infinity.
 */
export function reachedByMajority(values: readonly number[]): number {
  const descending = values.toSorted((a, b) => b - a);
  return descending[Math.floor(values.length / 2)] ?? -Infinity;
}
