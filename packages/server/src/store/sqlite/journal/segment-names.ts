const SEGMENT = /^(\d{16})\.journal$/;

/** A segment is named after the journal's offset of its first byte. */
export function segmentName(base: number): string {
  return `${String(base).padStart(16, '0')}.journal`;
}

/** The bases of the segments among the names of a directory, ascending. */
export function segmentBases(names: readonly string[]): number[] {
  return names
    .map((name) => SEGMENT.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .toSorted((a, b) => a - b);
}
