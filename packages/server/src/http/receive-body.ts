import type { IncomingMessage } from 'node:http';

/**
 * Reads a body, of a known length or in chunks, and calls `done` when its last byte is there: with undefined when there is
 * none, with `too large` as soon as it is longer than `maxBytes`. A client that goes away in the middle is not answered.
 */
export function receiveBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Buffer | undefined | 'too large') => void,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || Number(length) === 0)) {
    done(undefined);
    return;
  }
  const expected = encoding === undefined ? Number(length) : undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isOver = false;
  const end = (body: Buffer | undefined | 'too large'): void => {
    if (isOver) return;
    isOver = true;
    done(body);
  };
  request.on('error', () => {});
  request.on('data', (chunk: Buffer) => {
    if (isOver) return;
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > maxBytes) {
      chunks.length = 0;
      end('too large');
      // The end of a body whose length is known needs not be waited for.
    } else if (bytes === expected) end(chunks.length === 1 ? chunk : Buffer.concat(chunks));
  });
  request.on('end', () => end(bytes === 0 ? undefined : Buffer.concat(chunks)));
}
