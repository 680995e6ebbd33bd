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

/** What stands in a journal. */
export interface JournalContent {
  readonly changes: readonly StateChange[];
  /** Bytes up to the end of the last whole line; what follows was never acknowledged to anybody. */
  readonly goodBytes: number;
}

/** Reads a whole journal; `path` is for the messages. Throws {@link FrameworkStateError}. */
export function readJournal(bytes: Buffer, path: string): JournalContent {
  const changes: StateChange[] = [];
  let goodBytes = 0;
  let line = 0;
  let damagedLine: number | undefined;
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end === -1) break;
    const value = decodeLine(bytes.subarray(start, end));
    line += 1;
    start = end + 1;
    if (value === undefined) {
      damagedLine ??= line;
      continue;
    }
    if (damagedLine !== undefined) throw damaged(path, damagedLine);
    if (line === 1) checkFormat(value, path);
    else for (const change of (value as { changes: StateChange[] }).changes) changes.push(change);
    goodBytes = start;
  }
  // The header is put in place whole, by a rename.
  if (goodBytes === 0) throw damaged(path, 1);
  return { changes, goodBytes };
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
