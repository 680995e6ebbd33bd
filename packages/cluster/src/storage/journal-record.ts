import { crc32 } from 'node:zlib';

/** Begins each record, so that those behind a damaged one are found. */
const MARK = Buffer.from('VbrR');
/** Mark, length of the content, CRC-32 of length and content. */
const HEADER_BYTES = 12;

/** A record: header, JSON. The length's high byte is zero, which JSON never contains: no content looks like a record. */
export function encodeRecord(value: object): Buffer {
  const content = Buffer.from(JSON.stringify(value));
  const header = Buffer.alloc(HEADER_BYTES);
  MARK.copy(header);
  header.writeUInt32BE(content.length, 4);
  header.writeUInt32BE(checksumOf(header.subarray(4, 8), content), 8);
  return Buffer.concat([header, content]);
}

export interface ReadJournal {
  /** The contents, opened. */
  readonly values: readonly unknown[];
  /** Up to where all is good. */
  readonly goodBytes: number;
  /** Behind what is not good stands a good record: it was damaged after it had been written whole. */
  readonly isDamaged: boolean;
}

/** Reads all records. What a crash has left half-written stands at the end, for each sync writes one record. */
export function readJournal(bytes: Buffer): ReadJournal {
  const values: unknown[] = [];
  let at = 0;
  for (let length = recordAt(bytes, at); length !== undefined; length = recordAt(bytes, at)) {
    values.push(JSON.parse(bytes.toString('utf8', at + HEADER_BYTES, at + length)));
    at += length;
  }
  return { values, goodBytes: at, isDamaged: hasRecordBehind(bytes, at) };
}

/** The length of the good record there, with its header. */
function recordAt(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < HEADER_BYTES || bytes.compare(MARK, 0, MARK.length, at, at + 4) !== 0)
    return undefined;
  const length = bytes.readUInt32BE(at + 4);
  const start = at + HEADER_BYTES;
  if (length > bytes.length - start) return undefined;
  const checksum = checksumOf(bytes.subarray(at + 4, at + 8), bytes.subarray(start, start + length));
  return checksum === bytes.readUInt32BE(at + 8) ? HEADER_BYTES + length : undefined;
}

function hasRecordBehind(bytes: Buffer, at: number): boolean {
  for (let next = bytes.indexOf(MARK, at); next !== -1; next = bytes.indexOf(MARK, next + 1)) {
    if (recordAt(bytes, next) !== undefined) return true;
  }
  return false;
}

function checksumOf(length: Buffer, content: Buffer): number {
  return crc32(content, crc32(length));
}
