import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import type { HttpAnswer } from './answer.ts';
import { RecordStream } from './record-stream.ts';

const MAX_BODY_BYTES = 256 * 1024 * 1024;
/** Shorter bodies are not worth it: as libprocess has it. */
const GZIP_MINIMUM_BYTES = 1024;

const inflate = promisify(gunzip);
const deflate = promisify(gzip);

/** A body that is too long, was broken off, or is not what its encoding says. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

/** One request and its answer. Neither side of it throws when the client is gone. */
export class Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #date: () => string;

  constructor(request: IncomingMessage, response: ServerResponse, date: () => string) {
    this.#request = request;
    this.#response = response;
    this.#date = date;
    const [path, query] = (request.url ?? '/').split('?', 2);
    this.method = request.method ?? 'GET';
    this.path = path ?? '/';
    this.query = new URLSearchParams(query ?? '');
    // Mesos names no connection header, and `keep-alive` is what HTTP/1.1 means anyway.
    response.removeHeader('Connection');
    request.on('error', () => {});
    response.on('error', () => {});
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** Stands for its connection: calls that are pipelined have the same. */
  get connection(): object {
    return this.#request.socket;
  }

  /** `path?query` as it came. */
  get target(): string {
    return this.#request.url ?? '/';
  }

  /** The whole body, decompressed; rejects with a {@link BodyError}. */
  async body(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let size = 0;
    try {
      for await (const piece of this.#request as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > MAX_BODY_BYTES) throw new BodyError('The body is too large.');
        pieces.push(piece);
      }
    } catch (error) {
      throw new BodyError('The body was broken off.', { cause: error });
    }
    const whole = Buffer.concat(pieces);
    if (this.header('content-encoding') !== 'gzip') return whole;
    return inflate(whole, { maxOutputLength: MAX_BODY_BYTES }).catch((error: unknown) => {
      throw new BodyError('Failed to decompress the body.', { cause: error });
    });
  }

  /** Sends it and forgets: a client that is gone is no error. */
  answer(answer: HttpAnswer): void {
    const body = Buffer.from(answer.body);
    const wantsGzip = /\bgzip\b/.test(this.header('accept-encoding') ?? '');
    if (!wantsGzip || body.length < GZIP_MINIMUM_BYTES) return this.#send(answer, body);
    void deflate(body).then((packed) =>
      this.#send({ ...answer, headers: [['Content-Encoding', 'gzip'], ...answer.headers] }, packed),
    );
  }

  /** Answers with 200 and a stream; `onClosed` is told when the client ends it. */
  openStream(headers: readonly (readonly [string, string])[], onClosed: () => void): RecordStream {
    const all = [['Date', this.#date()], ['Transfer-Encoding', 'chunked'], ...headers];
    this.#response.writeHead(200, all.flat());
    return new RecordStream(this.#response, onClosed);
  }

  /** Breaks the connection without an answer. */
  cut(): void {
    this.#response.destroy();
  }

  #send(answer: HttpAnswer, body: Buffer): void {
    if (this.#response.destroyed || this.#response.headersSent) return;
    // What was not read of the request would be taken for the next one.
    if (!this.#request.complete) this.#request.resume();
    const headers = [['Date', this.#date()], ...answer.headers, ['Content-Length', String(body.length)]];
    this.#response.writeHead(answer.status, headers.flat());
    this.#response.end(this.method === 'HEAD' ? undefined : body);
  }
}
