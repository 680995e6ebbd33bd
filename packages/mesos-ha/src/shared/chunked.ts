/** The cluster takes a change of at most a MiB; one that is much smaller holds nothing else up. */
export const MOST_BYTES = 256 * 1024;

/** Of a value, as it travels. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** In their order, each list as long as fits one change; an item that does not fit stands alone. */
export function chunked<T>(items: readonly T[], mostBytes = MOST_BYTES): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  let last: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = bytesOf(item);
    if (last.length === 0 || bytes + more > mostBytes) {
      last = [];
      chunks.push(last);
      bytes = 0;
    }
    last.push(item);
    bytes += more;
  }
  return chunks;
}
