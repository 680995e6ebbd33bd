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
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isOver = false;
  request.on('error', () => {});
  request.on('data', (chunk: Buffer) => {
    if (isOver) return;
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes <= maxBytes) return;
    isOver = true;
    chunks.length = 0;
    done('too large');
  });
  request.on('end', () => {
    if (isOver) return;
    isOver = true;
    done(bytes === 0 ? undefined : Buffer.concat(chunks));
  });
}
