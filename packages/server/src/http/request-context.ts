import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { RequestContext } from '../base/request-context.ts';
import type { Branch, Trails } from '../base/trail.ts';
import { transactionIdOf } from './transaction-id.ts';

export interface RequestContextDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly trails: Trails;
}

/** The context of one HTTP request. Logger and signal are made when somebody asks: most requests need neither. */
export class HttpRequestContext implements RequestContext {
  readonly transactionId: string;
  readonly startedAt: number;
  readonly clock: Clock;
  trail: Branch | undefined;
  extraLogging = false;
  readonly #deps: RequestContextDeps;
  readonly #response: ServerResponse;
  #logger: Logger | undefined;
  #gone: AbortController | undefined;

  constructor(deps: RequestContextDeps, request: IncomingMessage, response: ServerResponse) {
    this.transactionId = transactionIdOf(request.headers['x-request-id'], deps.ids);
    this.startedAt = deps.clock.now();
    this.clock = deps.clock;
    this.#deps = deps;
    this.#response = response;
    this.trail = deps.trails.receive({
      transactionId: this.transactionId,
      traceparent: request.headers.traceparent as string | undefined,
    });
  }

  get logger(): Logger {
    this.#logger ??= this.#deps.logger.child(
      { transactionId: this.transactionId },
      this.extraLogging ? { level: 'debug' } : undefined,
    );
    return this.#logger;
  }

  /** Follows this transaction from now on, whatever the log's level is. */
  logExtra(): void {
    this.extraLogging = true;
    this.#logger = undefined;
    const { transactionId } = this;
    this.trail = this.#deps.trails.insist(this.trail, { transactionId, extraLogging: true });
  }

  /** Aborted when the connection closes before the answer was sent. */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      const gone = new AbortController();
      this.#gone = gone;
      const abort = () => {
        if (!this.#response.writableFinished) gone.abort(new ClientGoneError());
      };
      // An answer that waits behind another one of its connection is not closed with it.
      if (this.#response.closed || this.#response.req.socket.destroyed) abort();
      else this.#response.once('close', abort);
    }
    return this.#gone.signal;
  }
}

/** The client closed its connection before it was answered. Reason of a request's aborted signal. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
  readonly code = 'CLIENT_GONE';

  constructor() {
    super('The client has closed its connection.');
  }
}
