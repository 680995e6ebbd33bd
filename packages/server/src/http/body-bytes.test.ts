import { expect, it } from 'vitest';
import { BodyBytes } from './body-bytes.ts';

function gathered(chunks: readonly Buffer[]): BodyBytes {
  const body = new BodyBytes();
  for (const chunk of chunks) body.add(chunk);
  return body;
}

it('gives back what came, however it was cut', () => {
  const sent = Buffer.from(Array.from({ length: 20_000 }, (_, at) => at % 251));
  for (const sizes of [[1], [20_000], [1, 9000], [7000, 1, 2], [4096]]) {
    const chunks: Buffer[] = [];
    for (let at = 0, turn = 0; at < sent.length; turn++) {
      const size = sizes[turn % sizes.length]!;
      chunks.push(sent.subarray(at, at + size));
      at += size;
    }
    const body = gathered(chunks);
    expect(body.length).toBe(sent.length);
    expect(body.take().equals(sent)).toBe(true);
    expect(body.length).toBe(0);
  }
  expect(gathered([]).take()).toHaveLength(0);
});

it('keeps one piece of memory, of twice the length at most, though each byte comes by itself', () => {
  const body = gathered(Array.from({ length: 100_001 }, () => Buffer.from('x')));
  const { buffer } = body.take();
  expect(buffer.byteLength).toBeLessThanOrEqual(2 * 100_001);
});

it('a body that comes in one piece is not copied, and is not written to when more comes', () => {
  const only = Buffer.from('abc');
  expect(gathered([only]).take().buffer).toBe(only.buffer);
  const part = Buffer.from('abcdef').subarray(0, 3);
  expect(
    gathered([part, Buffer.from('x')])
      .take()
      .toString(),
  ).toBe('abcx');
  expect(Buffer.from(part.buffer, part.byteOffset, 6).toString()).toBe('abcdef');
});
