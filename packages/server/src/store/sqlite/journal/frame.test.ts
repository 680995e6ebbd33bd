import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FRAME_HEAD_BYTES, readFrame, sealFrame } from './frame.ts';

function frameOf(type: number, payload: Uint8Array): Buffer {
  const buffer = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  buffer.set(payload, FRAME_HEAD_BYTES);
  sealFrame(buffer, type, { start: 0, end: buffer.length });
  return buffer;
}

const payloads = fc.uint8Array({ maxLength: 40 });
const types = fc.integer({ min: 1, max: 255 });

describe('a frame', () => {
  it('is read as it was written, wherever it stands', () => {
    fc.assert(
      fc.property(payloads, types, payloads, (payload, type, before) => {
        const bytes = Buffer.concat([before, frameOf(type, payload), before]);
        const read = readFrame(bytes, before.length, bytes.length);
        expect(read).toEqual({
          state: 'whole',
          frame: {
            type,
            payloadStart: before.length + FRAME_HEAD_BYTES,
            payloadEnd: before.length + FRAME_HEAD_BYTES + payload.length,
          },
        });
      }),
    );
  });

  it('that is cut anywhere says at most how much is missing', () => {
    fc.assert(
      fc.property(payloads, types, (payload, type) => {
        const bytes = frameOf(type, payload);
        for (let length = 0; length < bytes.length; length++) {
          const read = readFrame(bytes, 0, length);
          if (read.state !== 'cut') throw new Error(`${length} of ${bytes.length} bytes were ${read.state}`);
          expect(read.needed).toBeGreaterThan(0);
          expect(length + read.needed).toBeLessThanOrEqual(bytes.length);
        }
      }),
    );
  });

  it('that was changed in any bit is never whole', () => {
    fc.assert(
      fc.property(payloads, types, fc.nat(), (payload, type, where) => {
        const bytes = frameOf(type, payload);
        const bit = where % (bytes.length * 8);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(readFrame(bytes, 0, bytes.length).state).not.toBe('whole');
      }),
    );
  });

  it('is not made of zeros, as a disk may leave them behind a crash', () => {
    expect(readFrame(Buffer.alloc(4096), 0, 4096).state).toBe('damaged');
  });

  it('of an impossible length is damage, not a reason to read on', () => {
    const bytes = Buffer.alloc(64, 0xff);
    expect(readFrame(bytes, 0, bytes.length).state).toBe('damaged');
  });
});
