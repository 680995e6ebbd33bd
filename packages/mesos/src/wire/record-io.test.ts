import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord, RecordIoDecoder } from './record-io.ts';

const texts = (records: readonly Buffer[]) => records.map((record) => record.toString());

/** Cuts bytes before the given offsets. */
function cut(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const ends = [...new Set(offsets)].toSorted((a, b) => a - b);
  let from = 0;
  return [...ends, bytes.length].map((end) => bytes.subarray(from, (from = Math.max(from, end))));
}

describe('RecordIO', () => {
  it('is the same wherever its bytes are cut in two (#1)', () => {
    const bytes = Buffer.concat([encodeRecord('{"type":"HEARTBEAT"}'), encodeRecord('x'.repeat(123))]);
    for (let at = 0; at <= bytes.length; at++) {
      const decoder = new RecordIoDecoder();
      const records = [...decoder.push(bytes.subarray(0, at)), ...decoder.push(bytes.subarray(at))];
      expect(texts(records)).toEqual(['{"type":"HEARTBEAT"}', 'x'.repeat(123)]);
      expect(decoder.isWithinRecord).toBe(false);
    }
  });

  it('holds a record in one piece, however small its chunks are, and takes no room that was only announced', () => {
    const decoder = new RecordIoDecoder();
    decoder.push(Buffer.from('60000000\n'));
    const before = process.memoryUsage();
    const byte = Buffer.from('x');
    for (let at = 0; at < 1_000_000; at++) decoder.push(byte);
    const after = process.memoryUsage();
    const grownBytes = after.arrayBuffers - before.arrayBuffers;
    expect(grownBytes).toBeLessThan(20_000_000);
    expect(decoder.isWithinRecord).toBe(true);
    const [record] = decoder.push(Buffer.alloc(59_000_000, 'y'));
    expect(record?.length).toBe(60_000_000);
    expect(record?.indexOf('y')).toBe(1_000_000);
  });

  it('is the same however its bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.array(fc.nat(6000), { maxLength: 40 }),
        (records, offsets) => {
          const bytes = Buffer.concat(records.map(encodeRecord));
          const decoder = new RecordIoDecoder();
          const read = cut(
            bytes,
            offsets.filter((at) => at <= bytes.length),
          ).flatMap((piece) => decoder.push(piece));
          expect(read.map((record) => [...record])).toEqual(records.map((record) => [...record]));
          expect(decoder.error).toBeUndefined();
          expect(decoder.isWithinRecord).toBe(false);
        },
      ),
    );
  });

  it('gives several records of one chunk (#2)', () => {
    expect(texts(new RecordIoDecoder().push(Buffer.from('1\na2\nbc3\ndef')))).toEqual(['a', 'bc', 'def']);
  });

  it('counts bytes, not characters, and takes newlines as part of a record (#3)', () => {
    const text = '{"message":"zwölf Bögen\n\n7\n√ 🐟"}';
    const bytes = Buffer.concat([encodeRecord(text), encodeRecord('next')]);
    const decoder = new RecordIoDecoder();
    expect(texts([...bytes].flatMap((byte) => decoder.push(Buffer.of(byte))))).toEqual([text, 'next']);
  });

  it('skips empty lines and passes on empty records (#4)', () => {
    expect(texts(new RecordIoDecoder().push(Buffer.from('\n\n2\nhi\n0\n\n1\nx')))).toEqual(['hi', '', 'x']);
  });

  it.each([
    ['letters', 'hello'],
    ['a minus sign', '-1\n'],
    ['hexadecimal digits', '1f\n'],
    ['a carriage return', '2\r\nhi'],
    ['a space', ' 2\nhi'],
    ['over 20 digits', `${'0'.repeat(21)}\n`],
    ['more bytes than it may have', '1001\n'],
  ])('gives up for good at a length of %s (#4)', (_, text) => {
    const decoder = new RecordIoDecoder({ maxRecordBytes: 1000 });
    expect(texts(decoder.push(Buffer.from(`2\nok${text}`)))).toEqual(['ok']);
    expect(decoder.error?.message).toMatch(/RecordIO|maxRecordBytes/);
    expect(decoder.push(Buffer.from('2\nno'))).toEqual([]);
  });

  it('takes 20 digits, and a record of just the maximum (#4)', () => {
    const decoder = new RecordIoDecoder({ maxRecordBytes: 3 });
    expect(texts(decoder.push(Buffer.from(`${'3'.padStart(20, '0')}\nabc`)))).toEqual(['abc']);
    expect(decoder.error).toBeUndefined();
  });

  it('needs no memory for bytes that were announced and have not come (#4)', () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 50 }, () => new RecordIoDecoder());
    for (const decoder of decoders) decoder.push(Buffer.from(`${64 * 1024 * 1024}\n{`));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect(decoders.every((decoder) => decoder.isWithinRecord && !decoder.error)).toBe(true);
  });

  it('knows that it stopped in the middle, of a length or of a record (#5)', () => {
    for (const part of ['1', '10\n', '10\nabc']) {
      const decoder = new RecordIoDecoder();
      expect(decoder.push(Buffer.from(part))).toEqual([]);
      expect(decoder.isWithinRecord).toBe(true);
    }
  });

  it('copies no record that came in one piece', () => {
    const chunk = Buffer.from('3\nabc');
    const [record] = new RecordIoDecoder().push(chunk);
    expect(record?.buffer).toBe(chunk.buffer);
  });

  it('takes any bytes, and writes text as UTF-8', () => {
    expect(encodeRecord('ü').toString()).toBe('2\nü');
    expect([...encodeRecord(Uint8Array.of(0, 255))]).toEqual([0x32, 0x0a, 0, 255]);
    const decoder = new RecordIoDecoder();
    expect(texts(decoder.push(Uint8Array.from(encodeRecord('ü'))))).toEqual(['ü']);
  });
});
