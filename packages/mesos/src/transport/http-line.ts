import type { Client, Dispatcher } from 'undici';
import type { HttpSettings } from './http-settings.ts';
import { SocketOpener } from './socket-opener.ts';
import type { MasterUrl } from './transport.ts';
import { undiciClient } from './undici.ts';

/** As much of a text body as is told. */
const MAX_TEXT_BYTES = 4096;
/** An idle call channel stays open: its order would hold without, but a new connection costs round trips. */
const IDLE_MS = 600_000;
/** The same endpoint as `/master/api/v1/scheduler`, and without a slash at its end: a mistyped path is the operator API. */
const PATH = '/api/v1/scheduler';

/** One connection to a master. It is made for a purpose and destroyed after it, never shared. */
export class HttpLine {
  readonly #settings: HttpSettings;
  readonly #opener: SocketOpener;
  readonly #client: Client;

  /** `pipelining`: requests that may be under way at a time. */
  constructor(settings: HttpSettings, { master, pipelining }: { master: MasterUrl; pipelining: number }) {
    this.#settings = settings;
    this.#opener = new SocketOpener(settings);
    const HttpClient = undiciClient();
    this.#client = new HttpClient(master, {
      connect: this.#opener.connect,
      pipelining,
      headersTimeout: settings.answerTimeoutMs,
      keepAliveTimeout: IDLE_MS,
    });
  }

  /** Posts a call. `bodyTimeout` 0: the answer's body may take for ever. */
  post(call: PostedCall, handler: Dispatcher.DispatchHandler): void {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': this.#settings.userAgent,
    };
    if (call.authorization !== undefined) headers['authorization'] = call.authorization;
    if (call.streamId !== undefined) headers['mesos-stream-id'] = call.streamId;
    this.#client.dispatch(
      {
        path: PATH,
        method: 'POST',
        body: call.body,
        headers,
        bodyTimeout: call.bodyTimeoutMs,
        // Not that calls could be repeated: without this, undici would send one only after the answer to the last.
        idempotent: true,
        blocking: false,
      },
      handler,
    );
  }

  /** Idempotent; also ends a connection attempt. */
  destroy(): void {
    this.#opener.destroy();
    // Later in this turn: undici's books are open while it tells of an error, and it must not be destroyed then.
    queueMicrotask(() => {
      this.#client.destroy().catch(() => undefined);
      this.#opener.destroy();
    });
  }
}

export interface PostedCall {
  readonly body: string;
  readonly authorization: string | undefined;
  readonly streamId?: string;
  readonly bodyTimeoutMs: number;
}

/** Collects the beginning of a text body. */
export class TextBody {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  /** False: more than this is not told. */
  get wantsMore(): boolean {
    return this.#bytes < MAX_TEXT_BYTES;
  }

  push(chunk: Uint8Array): void {
    if (!this.wantsMore) return;
    const piece = Buffer.from(chunk.subarray(0, MAX_TEXT_BYTES - this.#bytes));
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  toString(): string {
    return Buffer.concat(this.#pieces).toString();
  }
}
