import type { IncomingMessage } from 'node:http';

import { BodyBytes } from './body-bytes.ts';
import type { HeldMemory, Holding } from './held-memory.ts';

export interface BodyBounds {
  readonly maxBytes: number;
  /** Of all bodies that are on their way. */
  readonly memory: HeldMemory;
}

/**
 * Reads a body, of a known length or in chunks, and calls `done` when its last byte is there: with undefined when there is
 * none, with `too large` as soon as it is known to be longer than `maxBytes`. A client that goes away in the middle is not answered.
 */
export function receiveBody(
  request: IncomingMessage,
  { maxBytes, memory }: BodyBounds,
  done: (body: Buffer | undefined | 'too large') => void,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || Number(length) === 0)) {
    done(undefined);
    return;
  }
  const expected = encoding === undefined ? Number(length) : undefined;
  if (expected !== undefined && expected > maxBytes) {
    done('too large');
    return;
  }
  const body = new BodyBytes();
  let holding: Holding | undefined;
  let isOver = false;
  const end = (received: Buffer | undefined | 'too large'): void => {
    if (isOver) return;
    isOver = true;
    holding?.release();
    done(received);
  };
  request.on('error', () => {});
  request.on('data', (chunk: Buffer) => {
    if (isOver) return;
    body.add(chunk);
    if (body.length > maxBytes) {
      body.take();
      end('too large');
      // The end of a body whose length is known needs not be waited for.
    } else if (body.length === expected) end(body.take());
    else if (holding === undefined) holding = memory.hold(request.socket, chunk.length);
    else holding.grow(chunk.length);
  });
  request.on('end', () => end(body.length === 0 ? undefined : body.take()));
}
