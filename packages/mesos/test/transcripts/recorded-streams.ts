import {
  readTranscript,
  recordedConnections,
  transcriptNames,
  type RecordedConnection,
  type RecordedExchange,
} from '@vibrissa/testkit';

/** A response in chunks: a subscription, of a framework or of an operator, or a stream of an agent. */
export interface RecordedStream {
  readonly transcript: string;
  readonly connection: RecordedConnection;
  readonly exchange: RecordedExchange;
}

/** All of them, of all transcripts. */
export function recordedStreams(): RecordedStream[] {
  return transcriptNames().flatMap((transcript) =>
    recordedConnections(readTranscript(transcript)).flatMap((connection) =>
      connection.exchanges
        .filter((exchange) => header(exchange, 'transfer-encoding') === 'chunked')
        .map((exchange) => ({ transcript, connection, exchange })),
    ),
  );
}

/** A response's header by its lower-case name. */
export function header(exchange: RecordedExchange, name: string): string | undefined {
  return exchange.headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

/** The call in a request's body, when it is JSON. */
export function callOf(
  exchange: RecordedExchange,
): { readonly type: string; readonly [body: string]: unknown } | undefined {
  const text = exchange.request?.data;
  if (text === undefined || !text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as { type: string };
  } catch {
    return undefined;
  }
}

/** The bodies of one chunked response as the recording client read them: the reads without head and chunk framing. */
export function payloadReads(connection: RecordedConnection): Buffer[] {
  const decoder = new ChunkDecoder();
  return connection.reads.map((read) => decoder.push(read)).filter((payload) => payload.length > 0);
}

class ChunkDecoder {
  #bytes = Buffer.alloc(0);
  #headRead = false;
  #left = 0;

  push(bytes: Buffer): Buffer {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const payload: Buffer[] = [];
    for (let piece = this.#next(); piece; piece = this.#next()) payload.push(piece);
    return Buffer.concat(payload);
  }

  #next(): Buffer | undefined {
    if (!this.#headRead && !this.#skipPast('\r\n\r\n')) return undefined;
    this.#headRead = true;
    if (this.#left === 0 && !this.#readSize()) return undefined;
    const piece = this.#bytes.subarray(0, this.#left);
    if (piece.length === 0) return undefined;
    this.#bytes = this.#bytes.subarray(piece.length);
    this.#left -= piece.length;
    return piece;
  }

  #readSize(): boolean {
    if (this.#bytes.subarray(0, 2).toString() === '\r\n') this.#bytes = this.#bytes.subarray(2);
    const size = this.#bytes.toString('latin1').split('\r\n', 1)[0] ?? '';
    if (!this.#skipPast('\r\n')) return false;
    this.#left = Number.parseInt(size, 16);
    return true;
  }

  #skipPast(mark: string): boolean {
    const at = this.#bytes.indexOf(mark);
    if (at < 0) return false;
    this.#bytes = this.#bytes.subarray(at + mark.length);
    return true;
  }
}
