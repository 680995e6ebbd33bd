import { crc32 } from 'node:zlib';

import type { StateChange } from './framework-state.ts';
import { FrameworkStateError } from './state-error.ts';

/** What this version writes; a greater number is a newer version's. */
const FORMAT = 1;
const NEWLINE = 10;
/** Eight digits and a space. */
const CHECKSUM_LENGTH = 9;

/**
 * A line of the journal: CRC-32, a space, JSON. All the changes of one sync stand in one line, so that whatever a
 * crash leaves half-written is the last line.
 */
export function encodeLine(
  value: { readonly format: number } | { readonly changes: readonly StateChange[] },
): string {
  const json = JSON.stringify(value);
  return `${checksumOf(json)} ${json}\n`;
}

/** The first line of every journal. */
export const headerLine = encodeLine({ format: FORMAT });

function checksumOf(json: string | Uint8Array): string {
  return crc32(json).toString(16).padStart(8, '0');
}

/** Undefined: the line was not written to its end, or was damaged. */
function decodeLine(line: Buffer): unknown {
  const json = line.subarray(CHECKSUM_LENGTH);
  if (line.toString('latin1', 0, CHECKSUM_LENGTH) !== `${checksumOf(json)} `) return undefined;
  return JSON.parse(json.toString('utf8'));
}

/**
 * Reads a journal from pieces as they come from the disk, so that never all of it is in memory. `path` is for the
 * messages.
 */
export class JournalReader {
  readonly #path: string;
  /** The beginning of a line, whose end has not come; memory that is used again and again. */
  #begun = Buffer.alloc(64 * 1024);
  #begunBytes = 0;
  #readBytes = 0;
  #goodBytes = 0;
  #lines = 0;
  #damagedLine: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The changes of the lines that end in this piece, which is free for other use then. Throws {@link FrameworkStateError}. */
  *push(piece: Buffer): Generator<StateChange> {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      let line = piece.subarray(start, end);
      if (this.#begunBytes > 0) {
        this.#keep(line);
        line = this.#begun.subarray(0, this.#begunBytes);
        this.#begunBytes = 0;
      }
      this.#readBytes += line.length + 1;
      start = end + 1;
      yield* this.#changesOf(line);
    }
    this.#keep(piece.subarray(start));
  }

  /** Bytes up to the end of the last whole line; what follows was never acknowledged to anybody. */
  end(): number {
    // The header is put in place whole, by a rename.
    if (this.#goodBytes === 0) throw damaged(this.#path, 1);
    return this.#goodBytes;
  }

  #keep(bytes: Buffer): void {
    const length = this.#begunBytes + bytes.length;
    if (length > this.#begun.length) {
      const larger = Buffer.alloc(2 * length);
      this.#begun.copy(larger, 0, 0, this.#begunBytes);
      this.#begun = larger;
    }
    bytes.copy(this.#begun, this.#begunBytes);
    this.#begunBytes = length;
  }

  #changesOf(line: Buffer): readonly StateChange[] {
    const value = decodeLine(line);
    this.#lines += 1;
    if (value === undefined) {
      this.#damagedLine ??= this.#lines;
      return [];
    }
    if (this.#damagedLine !== undefined) throw damaged(this.#path, this.#damagedLine);
    this.#goodBytes = this.#readBytes;
    if (this.#lines > 1) return (value as { changes: StateChange[] }).changes;
    checkFormat(value, this.#path);
    return [];
  }
}

function checkFormat(header: unknown, path: string): void {
  const { format } = header as { format?: unknown };
  if (format === FORMAT) return;
  throw new FrameworkStateError(
    'STATE_FORMAT',
    `${path} has format ${String(format)}, this version reads format ${FORMAT}. A newer version has written it: use that one again, or start with another directory (the tasks of this one are then lost to the framework).`,
  );
}

function damaged(path: string, line: number): FrameworkStateError {
  return new FrameworkStateError(
    'STATE_CORRUPT',
    `Line ${line} of ${path} is damaged, though it had been written whole: the disk or somebody has changed it. Restore the directory from a copy, or move it away to start anew (its tasks are then lost to the framework until they are reconciled).`,
  );
}
