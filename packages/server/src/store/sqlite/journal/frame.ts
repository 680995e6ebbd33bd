import { crc32 } from 'node:zlib';

/**
 * A frame is `payload length (u32, little endian), CRC-32 of the rest (u32), type (u8), payload`. The first frame
 * that is cut or damaged ends what can be read: everything behind it came later.
 */
export const FRAME_HEAD_BYTES = 9;

/** No entry is longer; a greater length is damage. */
export const MAX_PAYLOAD_BYTES = 512 * 1024 * 1024;

const CRC_AT = 4;
const TYPE_AT = 8;

/** Where a whole frame lies. */
export interface Frame {
  readonly type: number;
  readonly payloadStart: number;
  /** Also where the next frame starts. */
  readonly payloadEnd: number;
}

/** What stands at a place: a frame, the beginning of one (`needed`: bytes until it would be whole), or damage. */
export type FrameRead =
  | { readonly state: 'whole'; readonly frame: Frame }
  | { readonly state: 'cut'; readonly needed: number }
  | { readonly state: 'damaged' };

/** Writes the head of the frame whose payload stands in `buffer` from `start + FRAME_HEAD_BYTES` to `end`. */
export function sealFrame(
  buffer: Buffer,
  type: number,
  { start, end }: { start: number; end: number },
): void {
  buffer.writeUInt32LE(end - start - FRAME_HEAD_BYTES, start);
  buffer[start + TYPE_AT] = type;
  buffer.writeUInt32LE(crc32(buffer.subarray(start + TYPE_AT, end)), start + CRC_AT);
}

/** Reads the frame that starts at `start` of what ends at `end`. */
export function readFrame(buffer: Buffer, start: number, end: number): FrameRead {
  if (end - start < FRAME_HEAD_BYTES) return { state: 'cut', needed: FRAME_HEAD_BYTES - (end - start) };
  const length = buffer.readUInt32LE(start);
  if (length > MAX_PAYLOAD_BYTES) return { state: 'damaged' };
  const payloadStart = start + FRAME_HEAD_BYTES;
  const payloadEnd = payloadStart + length;
  if (payloadEnd > end) return { state: 'cut', needed: payloadEnd - end };
  const checksum = crc32(buffer.subarray(start + TYPE_AT, payloadEnd));
  if (checksum !== buffer.readUInt32LE(start + CRC_AT)) return { state: 'damaged' };
  return { state: 'whole', frame: { type: buffer[start + TYPE_AT]!, payloadStart, payloadEnd } };
}
