/** Begins a line to which its runtime has given a time. */
const STAMP = 0x1e;
const DIGITS = 19;
const SPACE = 32;
/** Of mark, digits and space. */
export const STAMP_BYTES = DIGITS + 2;

/** Where the timestamp of a log line ends, and where the name of its stream begins. */
const TIME_COLUMNS = 30;
const STREAM_AT = 31;

/** The epoch nanoseconds with which a line begins; undefined where it begins with none. */
export function readStamp(line: Buffer): bigint | undefined {
  if (line[0] !== STAMP || line[STAMP_BYTES - 1] !== SPACE) return undefined;
  const digits = line.toString('latin1', 1, 1 + DIGITS);
  return /^\d+$/.test(digits) ? BigInt(digits) : undefined;
}

/** How far the clocks of two machines may be apart. */
const CLOCK_DIFFERENCE_NS = 60_000_000_000n;

/** Can a line of an activation have been written then? Its code writes what it likes to where its runtime does. */
export function isLikely(
  stamp: bigint,
  during: { readonly sinceNs: bigint; readonly nowNs: bigint },
): boolean {
  return stamp >= during.sinceNs - CLOCK_DIFFERENCE_NS && stamp <= during.nowNs + CLOCK_DIFFERENCE_NS;
}

/**
 * Log lines of both streams in the order of their times, which their text begins with. Neither stream's own order is
 * changed, whatever its times say: a process may write old ones.
 */
export function mergeByTime(lines: readonly string[]): string[] {
  const stdout = lines.filter((line) => line.startsWith('stdout', STREAM_AT));
  const stderr = lines.filter((line) => !line.startsWith('stdout', STREAM_AT));
  const merged: string[] = [];
  let taken = 0;
  for (const line of stdout) {
    const time = line.slice(0, TIME_COLUMNS);
    for (; taken < stderr.length; taken++) {
      const other = stderr[taken] as string;
      if (other.slice(0, TIME_COLUMNS) >= time) break;
      merged.push(other);
    }
    merged.push(line);
  }
  for (; taken < stderr.length; taken++) merged.push(stderr[taken] as string);
  return merged;
}
