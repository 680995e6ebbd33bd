import { pageBytes, type SandboxFile } from './sandbox-file.ts';

/** Where to begin: at a byte, or so many bytes or lines before the end. */
export type LogStart =
  { readonly offset: number } | { readonly lastBytes: number } | { readonly lastLines: number };

const newline = 10;

/** The offset behind the newline before the last lines; pages are read backwards and not kept. */
async function offsetOfLines(file: SandboxFile, size: number, lines: number): Promise<number> {
  if (lines <= 0) return size;
  let end = size;
  let found = 0;
  while (end > 0) {
    const begin = Math.max(0, end - pageBytes);
    const { bytes } = await file.page(begin, end - begin);
    // It became shorter meanwhile, or was never so long.
    if (bytes.length === 0) return 0;
    for (let at = Math.min(bytes.length, end - begin) - 1; at >= 0; at -= 1) {
      // The newline at the very end closes the last line and opens none.
      if (bytes[at] !== newline || begin + at === size - 1) continue;
      found += 1;
      if (found === lines) return begin + at + 1;
    }
    end = begin;
  }
  return 0;
}

/** The offset at which reading begins, for a file that has this size now. */
export async function startOffset(file: SandboxFile, size: number, start: LogStart): Promise<number> {
  if ('offset' in start) return Math.max(0, start.offset);
  if ('lastBytes' in start) return Math.max(0, size - Math.max(0, start.lastBytes));
  return offsetOfLines(file, size, start.lastLines);
}
