import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerReader, parseHead } from './read-answer.ts';

const limits = { maxBytes: 1000, keepBytes: 10 };

function reader() {
  const fresh = new AnswerReader();
  fresh.begin(limits);
  return fresh;
}

/** As the connection does it: every piece in the same buffer, with old bytes behind it. */
function pushAll(answer: AnswerReader, pieces: readonly Buffer[]) {
  const shared = Buffer.alloc(64 * 1024, 'x');
  let state: ReturnType<AnswerReader['push']> = 'more';
  for (const piece of pieces) {
    piece.copy(shared);
    state = answer.push(shared, piece.length);
    if (state !== 'more') break;
  }
  return state;
}

function ok(body: string, headers = ''): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

test.each([
  ['HTTP/1.1 200 OK\r\nContent-Length: 2', { status: 200, length: 2, closes: false }],
  ['HTTP/1.1 502 Bad Gateway\r\ncontent-length:  7 ', { status: 502, length: 7, closes: false }],
  ['HTTP/1.1 200\r\nContent-Length: 0', { status: 200, length: 0, closes: false }],
  ['HTTP/1.0 200 OK\r\nContent-Length: 2', { status: 200, length: 2, closes: true }],
  [
    'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2',
    { status: 200, length: 2, closes: false },
  ],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close', { status: 200, length: 2, closes: true }],
])('%j is a head', (head, expected) => {
  expect(parseHead(head)).toEqual(expected);
});

test.each([
  ['', /status line/],
  ['HTTP/2 200 OK\r\nContent-Length: 2', /status line/],
  ['HTTP/1.1 99 OK\r\nContent-Length: 2', /status line/],
  ['HTTP/1.1 100 Continue\r\nContent-Length: 0', /status line/],
  ['HTTP/1.1 2000 OK\r\nContent-Length: 2', /status line/],
  ['HTTP/1.1 200 OK', /no Content-Length/],
  ['HTTP/1.1 204 No Content\r\nContent-Length: 0', /no Content-Length/],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2', /more than one/],
  ['HTTP/1.1 200 OK\r\nContent-Length: -1', /malformed/],
  ['HTTP/1.1 200 OK\r\nContent-Length: 0x10', /malformed/],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2, 2', /malformed/],
  ['HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999', /malformed/],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', /Transfer-Encoding/],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked', /Transfer-Encoding/],
  ['HTTP/1.1 200 OK\r\nno colon', /header/],
  ['HTTP/1.1 200 OK\r\n: no name', /header/],
])('%j is none', (head, problem) => {
  expect(parseHead(head)).toMatch(problem);
});

test('an answer is the same however it was cut', () => {
  const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), cuts, (body, places) => {
      const bytes = ok(body, 'X: y\r\n');
      const at = [0, ...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      const answer = reader();
      expect(pushAll(answer, pieces)).toBe('done');
      expect(answer.answer).toEqual({
        outcome: 'answered',
        status: 200,
        body: Buffer.from(body).toString(),
        length: Buffer.byteLength(body),
        truncated: false,
      });
      expect(answer.surplus).toBe(false);
    }),
  );
});

test('a body over the limit is cut, and the rest is read to its end', () => {
  const answer = reader();
  const bytes = ok('a'.repeat(2000));
  expect(pushAll(answer, [bytes.subarray(0, 500), bytes.subarray(500, 1500)])).toBe('more');
  expect(pushAll(answer, [bytes.subarray(1500)])).toBe('done');
  expect(answer.answer).toMatchObject({ body: 'a'.repeat(10), length: 2000, truncated: true });
  expect(answer.closes).toBe(false);
});

test('a body without end is not waited for', () => {
  const answer = reader();
  const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${10 ** 12}\r\n\r\n${'b'.repeat(20)}`);
  expect(pushAll(answer, [head])).toBe('done');
  expect(answer.answer).toMatchObject({ body: 'b'.repeat(10), length: 10 ** 12, truncated: true });
  expect(answer.closes).toBe(true);
});

test('more than the answer is noticed', () => {
  const answer = reader();
  expect(pushAll(answer, [Buffer.concat([ok('{}'), ok('{}')])])).toBe('done');
  expect(answer.answer).toMatchObject({ body: '{}' });
  expect(answer.surplus).toBe(true);
});

test('a head without end is garbage', () => {
  const piece = Buffer.from('X: y\r\n'.repeat(1000));
  expect(pushAll(reader(), [Buffer.from('HTTP/1.1 200 OK\r\n'), piece, piece, piece, piece])).toBe('garbage');
});

test('arbitrary bytes are read without an exception, and never as more than they are', () => {
  const noise = fc.uint8Array({ maxLength: 300 });
  const almost = fc
    .tuple(fc.constantFrom('HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'), noise)
    .map(([head, rest]) => Buffer.concat([Buffer.from(head), rest]));
  fc.assert(
    fc.property(fc.array(fc.oneof(noise.map(Buffer.from), almost), { maxLength: 5 }), (pieces) => {
      const answer = reader();
      const state = pushAll(answer, pieces);
      expect(answer.answer !== undefined).toBe(state === 'done');
      if (state === 'done') expect(answer.answer?.status).toBeGreaterThanOrEqual(200);
    }),
    { numRuns: 500 },
  );
});
