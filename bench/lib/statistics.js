// Medians, quantiles and bootstrap intervals, with a seeded generator so that a report can be recomputed.

/** Deterministic uniform numbers in [0, 1) (mulberry32). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * q;
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low);
}

export const median = (values) => quantile(values, 0.5);

/** The median of `values` with its 95 % bootstrap interval. */
export function medianWithInterval(values, { resamples = 2000, seed = 42 } = {}) {
  const random = seededRandom(seed);
  const medians = [];
  for (let round = 0; round < resamples; round++) {
    const sample = values.map(() => values[Math.floor(random() * values.length)]);
    medians.push(median(sample));
  }
  return { value: median(values), ci95: [quantile(medians, 0.025), quantile(medians, 0.975)] };
}
