import type { Agent } from 'undici';
import { settle, type HttpSettings, type HttpTransportOptions } from '../transport/http-settings.ts';
import { SocketOpener } from '../transport/socket-opener.ts';
import { ask, undiciAgent } from '../transport/undici.ts';

/** A question to a master or an agent that one answer settles. */
export interface HttpQuestion {
  /** `http://host:port`. */
  readonly origin: string;
  /** With its query. */
  readonly path: string;
  /** Posted as JSON; absent: GET. */
  readonly body?: unknown;
  /** Cuts the answer off: more is an error. Default 64 MiB, for a master's list of tasks. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Of a redirect. */
  readonly location?: string;
  readonly body: Buffer;
}

/** More came than an answer of its kind can have. */
class ReplyTooLong extends Error {
  override readonly name = 'ReplyTooLong';
}

/** A server goes on and on. */
class ReplyTooSlow extends Error {
  override readonly name = 'ReplyTooSlow';
}

const defaultMaxBytes = 64 * 1024 * 1024;

/** To one agent or master, however many logs are followed: more questions wait in line. */
const maxSockets = 16;

/** A whole answer may take so many times as long as its head: who drips one would never come to its end. */
const WHOLE_ANSWERS = 4;

/** Sockets stay open so long for the next question: a log that is followed asks each second. */
const idleMs = 5_000;

/**
 * Asks masters and agents over HTTP, with the credentials, TLS and time-outs of the subscription. Rejects with the
 * error of Node or undici when there is no answer; any status is an answer. Keeps a few idle sockets until `close()`.
 */
export class HttpAsker {
  readonly #settings: HttpSettings;
  readonly #opener: SocketOpener;
  #agent: Agent | undefined;
  readonly #closing = new AbortController();
  /** Who has set TLS up for the masters doesn't mean to show credentials to an agent in clear. */
  readonly #staysSecret: boolean;

  constructor(options: HttpTransportOptions = {}) {
    this.#settings = settle(options);
    this.#staysSecret = options.tls !== undefined;
    this.#opener = new SocketOpener(this.#settings);
  }

  async ask(question: HttpQuestion): Promise<HttpReply> {
    const { authorizer } = this.#settings;
    await authorizer.ready(this.closed);
    const authorization = authorizer.header;
    const reply = await this.#send(question, authorization);
    if (reply.status !== 401 || !authorizer.canRefresh) return reply;
    await authorizer.refresh(authorization, this.closed);
    return this.#send(question, authorizer.header);
  }

  /** A text that a server sent, cut short and without the secrets that it may repeat. */
  readable(text: string): string {
    return this.#settings.authorizer.redact(text).trim().slice(0, 500);
  }

  /** Fires with `close()`. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Destroys the sockets; questions under way reject. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#opener.destroy();
    await this.#agent?.destroy();
  }

  #opened(): Agent {
    this.closed.throwIfAborted();
    if (this.#agent) return this.#agent;
    const { answerTimeoutMs } = this.#settings;
    const HttpAgent = undiciAgent();
    this.#agent = new HttpAgent({
      connect: this.#opener.connect,
      connections: maxSockets,
      pipelining: 1,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
    });
    return this.#agent;
  }

  async #send(question: HttpQuestion, authorization: string | undefined): Promise<HttpReply> {
    const late = new AbortController();
    const withinMs = WHOLE_ANSWERS * this.#settings.answerTimeoutMs;
    const timer = this.#settings.clock.after(withinMs, () =>
      late.abort(new ReplyTooSlow(`the answer has not come to its end within ${withinMs} ms`)),
    );
    const signals = question.signal ? [question.signal, late.signal] : [late.signal];
    try {
      return await this.#exchange({ ...question, signal: AbortSignal.any(signals) }, authorization);
    } finally {
      timer.cancel();
    }
  }

  async #exchange(question: HttpQuestion, authorization: string | undefined): Promise<HttpReply> {
    const { origin, path, body, signal, maxBytes = defaultMaxBytes } = question;
    const isShown = authorization !== undefined && !(this.#staysSecret && origin.startsWith('http:'));
    const answer = await ask(this.#opened(), {
      origin,
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        'user-agent': this.#settings.userAgent,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(isShown && { authorization }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > maxBytes) throw new ReplyTooLong(`the answer has more than ${maxBytes} bytes`);
      pieces.push(piece);
    }
    const location = answer.headers['location'];
    return {
      status: answer.statusCode,
      ...(typeof location === 'string' && { location }),
      body: Buffer.concat(pieces),
    };
  }
}
