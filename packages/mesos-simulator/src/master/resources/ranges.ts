import type { WireRange } from '@vibrissa/mesos/wire';

/** Inclusive ranges, sorted, not touching each other. */
export type Ranges = readonly WireRange[];

/** Sorts and joins what overlaps or touches. */
export function normalRanges(ranges: Ranges): Ranges {
  const sorted = ranges.filter((range) => range.begin <= range.end).sort((a, b) => a.begin - b.begin);
  const joined: { begin: number; end: number }[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && range.begin <= last.end + 1) last.end = Math.max(last.end, range.end);
    else joined.push({ begin: range.begin, end: range.end });
  }
  return joined;
}

/** What of `ranges` is not in `taken`. */
export function subtractRanges(ranges: Ranges, taken: Ranges): Ranges {
  let left = [...ranges];
  for (const hole of taken) {
    left = left.flatMap((range) => {
      if (hole.end < range.begin || hole.begin > range.end) return [range];
      const parts: WireRange[] = [];
      if (range.begin < hole.begin) parts.push({ begin: range.begin, end: hole.begin - 1 });
      if (range.end > hole.end) parts.push({ begin: hole.end + 1, end: range.end });
      return parts;
    });
  }
  return left;
}

export function rangesContain(ranges: Ranges, wanted: Ranges): boolean {
  return wanted.every((want) => ranges.some((range) => range.begin <= want.begin && range.end >= want.end));
}
